// Where Redis is, as `api_key_redis URL` and `apikeyctl --redis URL` say it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace api_key::store {

enum class Topology : std::uint8_t { standalone, sentinel, cluster };

struct Location {
    Topology topology = Topology::standalone;
    bool tls = false;
    std::string host; // empty for a unix socket
    std::uint16_t port = 6379;
    std::string unix_path; // absolute
    unsigned database = 0; // 0 to 9999
};

// redis://host[:port][/db], redis://[::1]:6379, unix:/path[:db]. A URL with user or password in it is refused
// (secrets do not belong in a configuration line: use user= and password_file=). rediss://, redis+sentinel:// and
// redis+cluster:// are refused as not supported by this version.
Result<Location> parse_location(std::string_view url);

} // namespace api_key::store
