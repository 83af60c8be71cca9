// Requests for an upgraded connection (`api_key_upgrade`): nginx tunnels what follows, so that nothing of it is checked, metered or
// counted.
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

// Of a request with an Upgrade header. Refused where a key's models, a meter or a price would not hold for what follows; an offer to go on
// with another version of HTTP is taken out there.
Reason decide_upgrade(RequestContext& context, const LocationConfiguration& location);

// What a 426 says of the protocol that is spoken here; HTTP/2 knows no such headers. NGX_ERROR when memory is short.
ngx_int_t add_upgrade_headers(ngx_http_request_t* r);

} // namespace api_key::module
