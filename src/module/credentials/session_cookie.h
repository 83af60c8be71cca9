// The cookie of a session: taken out of the request as a key is, and kept out of the logs.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

// The earliest phase: the cookie's value goes into the request's context, and out of the header.
ngx_int_t take_session_cookie(ngx_http_request_t* r);

// Before the access log: what was never taken out, and the cookie that an answer sets.
void mask_session_cookies(ngx_http_request_t* r);

} // namespace api_key::module
