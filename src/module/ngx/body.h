// A request's body that nginx has read, in memory or in a temporary file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/ngx/ngx.h"

namespace api_key::module {

// The whole body; empty where there is none. Nothing when it is larger than `most` or could not be read.
std::optional<std::string> whole_body(ngx_http_request_t* r, off_t most = NGX_MAX_OFF_T_VALUE);

// Overwrites the body in memory, which a variable of nginx may show.
void mask_body(ngx_http_request_t* r);

// Sends these bytes to the upstream instead. NGX_ERROR when memory is short.
ngx_int_t replace_body(ngx_http_request_t* r, std::string_view bytes);

} // namespace api_key::module
