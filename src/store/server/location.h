// Where Redis is, as given to `api_key_redis URL` and `apikeyctl --redis URL`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/result.h"

namespace api_key::store {

enum class Topology : std::uint8_t { standalone, sentinel, cluster };

struct Endpoint {
    std::string host; // a name or an address, IPv6 without brackets
    std::uint16_t port = 0;

    std::string text() const; // `host:port`, `[::1]:6379`
    bool operator==(const Endpoint&) const = default;
};

struct Location {
    Topology topology = Topology::standalone;
    bool tls = false;
    std::vector<Endpoint> endpoints; // the server, or the sentinels or cluster nodes to ask; empty for a unix socket
    std::string unix_path;           // absolute
    std::string master;              // the master's name at the sentinels
    unsigned database = 0;           // 0 to 9999

    std::string text() const; // for logs
};

// redis://host[:port][/db], redis://[::1]:6379, unix:/path[:db], redis+sentinel://host[:port],…/master[/db],
// redis+cluster://host[:port],…; with TLS rediss://, rediss+sentinel://, rediss+cluster://. A URL with user or password in it is refused
// (secrets do not belong in a configuration line: use user= and password_file=).
Result<Location> parse_location(std::string_view url);

} // namespace api_key::store
