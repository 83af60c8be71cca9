// `api_key_health`: whether this node can do its work.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t health_handler(ngx_http_request_t* r);

} // namespace api_key::module
