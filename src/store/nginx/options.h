// A worker's options for reaching its store. Made at configuration time, lives as long as the cycle.
#pragma once

#include <string>

#include "store/nginx/name_lookup.h"
#include "store/nginx/peer.h"
#include "store/server/access.h"

namespace api_key::store {

struct ClientOptions {
    Access access;
    std::string name; // for logs
    Names names;
    PeerTls tls;
    ngx_msec_t timeout_ms; // to connect (handshake with AUTH and SELECT included), and for each command
};

} // namespace api_key::store
