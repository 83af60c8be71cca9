// This nginx among all nodes that share a store.
#pragma once

#include "cache/zone.h"
#include "module/settings/configuration.h"
#include "store/flows/node_flows.h"

namespace api_key::module {

// `host/1f2e3d4c`: the zone's name, made when it is first asked for. It stays over reloads, as the zone does.
store::Node this_node(cache::Zone& zone, const MainConfiguration& configuration);

// Deregisters this node when nginx exits, so that no change waits for it. Blocks for the store's timeout at most.
void deregister(cache::Zone& zone, const MainConfiguration& configuration);

} // namespace api_key::module
