// The content handler of `api_key_manage`: reads the request, finds the route, and answers once the store has answered.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t manage_handler(ngx_http_request_t* r);

} // namespace api_key::module
