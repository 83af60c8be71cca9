// $api_key_id and the other variables; empty where nothing was decided.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

ngx_int_t add_variables(ngx_conf_t* cf);

} // namespace api_key::module
