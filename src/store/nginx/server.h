// A server to connect to: its name, for logs and its certificate, and its address.
#pragma once

#include "store/nginx/ngx_core_headers.h"
#include "store/server/location.h"

namespace api_key::store {

struct Server {
    Endpoint endpoint; // empty for a unix socket
    ngx_sockaddr_t address{};
    socklen_t size = 0;
};

} // namespace api_key::store
