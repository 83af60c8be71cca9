// This nginx among all that share a store.
#pragma once

#include "cache/zone.h"
#include "module/settings/configuration.h"
#include "store/flows/node_flows.h"

namespace api_key::module {

// `host/1f2e3d4c`: the zone's name, made when it is first asked for. It stays over reloads, as the zone does.
store::Node this_node(cache::Zone& zone, const MainConfiguration& configuration);

// nginx ends: nobody has to wait for this node any more. Blocks for the store's timeout at most.
void deregister(cache::Zone& zone, const MainConfiguration& configuration);

} // namespace api_key::module
