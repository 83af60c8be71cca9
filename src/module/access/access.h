// The access phase: lets a request pass or refuses it; and the phases before it.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t access_handler(ngx_http_request_t* r);

// Subrequests skip the access phase: into a place that needs a key they may go only when their main request has shown one for it. And where
// the access phase may end before it reads the key, the key is taken out here.
ngx_int_t preaccess_handler(ngx_http_request_t* r);

} // namespace api_key::module
