// Requests for an upgraded connection (`api_key_upgrade`): nginx tunnels what follows, so that nothing of it is checked, metered or
// counted.
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

// Decides on a request with an Upgrade header. Refuses it where a key's models, a meter or a price could not be enforced on what follows;
// there, an offer to switch to another version of HTTP is removed instead.
Reason decide_upgrade(RequestContext& context, const LocationConfiguration& location);

} // namespace api_key::module
