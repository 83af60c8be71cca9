// Turns nginx's answer to a refusal into JSON. The phases return plain statuses, so that `satisfy any`, `error_page`, `auth_delay`, HEAD
// and HTTP/2 work as always; only an answer that is really ours is rewritten.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t install_refusal_filter(ngx_conf_t* cf);

} // namespace api_key::module
