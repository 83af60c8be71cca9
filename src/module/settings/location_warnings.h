// Warnings of `nginx -t` about valid configurations that are hardly intended: locations that are open or free, or closed to keys with a
// scope.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

// Collects the warnings about a location with a key, after its merge.
void collect_warnings(ngx_conf_t* cf, MainConfiguration& main, const LocationConfiguration& location);

// Logs the warnings once all locations are known: one line for each `api_key`, not for each location that inherits it.
void log_warnings(ngx_conf_t* cf, const MainConfiguration& main);

} // namespace api_key::module
