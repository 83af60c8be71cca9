// The access phase: lets a request pass or refuses it; and the phases before it.
#pragma once

#include "module/ngx.h"

namespace api_key::module {

ngx_int_t access_handler(ngx_http_request_t* r);

// Subrequests skip the access phase: into a place that needs a key they may go only when their main request has shown one for it.
ngx_int_t subrequest_handler(ngx_http_request_t* r);

} // namespace api_key::module
