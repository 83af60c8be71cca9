// Wraps nginx's `return` and `rewrite` to record where they answer before the access phase checks the key.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

char* set_return(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_rewrite(ngx_conf_t* cf, ngx_command_t* command, void* configuration);

} // namespace api_key::module
