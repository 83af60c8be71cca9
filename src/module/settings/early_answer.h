// Wraps nginx's `return` and `rewrite` to take note of them, because they answer before a key is asked for.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

char* set_return(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_rewrite(ngx_conf_t* cf, ngx_command_t* command, void* configuration);

} // namespace api_key::module
