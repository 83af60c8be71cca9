// The session cookie: removed from the request as a key is, and kept out of the logs.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

// Runs in the earliest phase: moves the cookie's value from the header into the request's context.
ngx_int_t take_session_cookie(ngx_http_request_t* r);

// Runs before the access log: masks cookies that were never removed, and the one that an answer sets.
void mask_session_cookies(ngx_http_request_t* r);

} // namespace api_key::module
