// The address of a request's client.
#pragma once

#include <optional>

#include "core/policy/cidr.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

// The address, as the realip module may have set it; nothing for a UNIX-domain socket.
std::optional<Address> client_address(ngx_http_request_t* r);

} // namespace api_key::module
