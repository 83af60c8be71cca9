// The question of a browser whether a page of another origin may send a request (CORS).
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

// OPTIONS with Origin and Access-Control-Request-Method, and no body.
bool is_preflight(ngx_http_request_t& r);

} // namespace api_key::module
