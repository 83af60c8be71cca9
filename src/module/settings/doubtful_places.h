// Valid configurations that can hardly be intended: locations that are open or free, or closed to keys with a scope. `nginx -t` warns of
// them.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

// Notes the doubts about a location with a key, after its merge.
void note_doubts(ngx_conf_t* cf, MainConfiguration& main, const LocationConfiguration& location);

// Logs the doubts once all locations are known: one line for each `api_key`, not for each location that inherits it.
void tell_doubts(ngx_conf_t* cf, const MainConfiguration& main);

} // namespace api_key::module
