// Requests for an upgraded connection (`api_key_upgrade`): nginx tunnels what follows, so that nothing of it is checked, metered or
// counted.
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

// Of a request with an Upgrade header. Refused where a key's models, a meter or a price would not hold for what follows; an offer to go on
// with another version of HTTP is taken out there.
Reason decide_upgrade(RequestContext& context, const LocationConfiguration& location);

} // namespace api_key::module
