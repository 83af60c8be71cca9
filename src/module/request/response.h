// Answers in JSON: the refusals' headers, and whole answers of the management API.
#pragma once

#include <string_view>

#include "core/documents/answer.h"
#include "module/settings/configuration.h"

namespace api_key::module {

// NGX_ERROR when memory is short. The texts are copied.
ngx_int_t add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value);

// $request_id: nginx's own if it was evaluated already, else one that we generate in its place.
std::string_view request_id(ngx_http_request_t* r);

// X-Request-Id; and request-id, which Anthropic's SDK reads, where the location speaks its dialect.
ngx_int_t set_request_id_header(ngx_http_request_t* r);

// Cache-Control: no-store and the request id.
ngx_int_t add_common_headers(ngx_http_request_t* r);

void set_content(ngx_http_request_t* r, std::string_view type, std::size_t length);

// Sends a whole answer. The result is for ngx_http_finalize_request. The body is copied.
ngx_int_t send_body(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body);

// The error format of the location.
ErrorFormat error_format(const LocationConfiguration& location);

} // namespace api_key::module
