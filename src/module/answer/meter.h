// Reads the token usage out of metered answers as they pass (`api_key_meter`).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Towards the upstream: an answer that is compressed could not be read (the client's own wish still counts for nginx's gzip), and OpenAI's
// streams tell their usage only when asked. NGX_OK or a status.
ngx_int_t ask_for_usage(RequestContext& context);

// In the filters, before anything is compressed. NGX_ERROR when memory is short.
ngx_int_t start_meter(ngx_http_request_t* r);
void feed_meter(ngx_http_request_t* r, const ngx_chain_t* in);

// What takes the usage chunk out of this answer; null: it passes as it is.
StreamEditor* editor_of(ngx_http_request_t* r);

} // namespace api_key::module
