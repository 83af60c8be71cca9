// Everything needed to connect to a store and to authenticate.
#pragma once

#include <string>

#include "store/server/location.h"
#include "store/server/tls.h"

namespace api_key::store {

struct Access {
    Location location;
    std::string user;     // ACL user; empty: the default user
    std::string password; // empty: none
    TlsOptions tls;
};

} // namespace api_key::store
