// The access phase: lets a request pass or refuses it; and the phases before it.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t access_handler(ngx_http_request_t* r);

// Subrequests skip the access phase, so they may enter a location that needs a key only if their main request has presented one for it.
// Where the access phase may end before it reads the key, the key is removed here.
ngx_int_t preaccess_handler(ngx_http_request_t* r);

} // namespace api_key::module
