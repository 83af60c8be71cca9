#include "store/location.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace api_key::store {

namespace {

constexpr std::string_view tcp_scheme = "redis://";
constexpr std::string_view unix_scheme = "unix:";
constexpr unsigned largest_database = 9999;

std::optional<unsigned> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

Result<Location> parse_unix(std::string_view rest) {
    Location location;
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    location.unix_path = rest.substr(0, colon);
    if (location.unix_path.size() < 2 || location.unix_path.front() != '/') {
        return Error{"", "expected unix:/path or unix:/path:database"};
    }
    if (colon < rest.size()) {
        const std::optional<unsigned> database = number(rest.substr(colon + 1), largest_database);
        if (!database) {
            return Error{"", "the database must be a number from 0 to 9999"};
        }
        location.database = *database;
    }
    return location;
}

Result<Location> parse_tcp(std::string_view rest) {
    Location location;
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    if (authority.find('@') != std::string_view::npos) {
        return Error{"", "user and password do not belong into the address: use user= and password_file="};
    }
    if (slash + 1 < rest.size()) {
        const std::optional<unsigned> database = number(rest.substr(slash + 1), largest_database);
        if (!database) {
            return Error{"", "the database must be a number from 0 to 9999"};
        }
        location.database = *database;
    }
    const bool bracketed = authority.starts_with('[');
    const std::size_t bracket = authority.find(']');
    if (bracketed && bracket == std::string_view::npos) {
        return Error{"", "expected ] after the IPv6 address"};
    }
    const std::size_t colon = std::min(authority.find(':', bracketed ? bracket : 0), authority.size());
    location.host = bracketed ? authority.substr(1, bracket - 1) : authority.substr(0, colon);
    if (location.host.empty()) {
        return Error{"", "expected redis://host:port/database"};
    }
    if (colon < authority.size()) {
        const std::optional<unsigned> port = number(authority.substr(colon + 1), 65535);
        if (!port || *port == 0) {
            return Error{"", "the port must be a number from 1 to 65535"};
        }
        location.port = static_cast<std::uint16_t>(*port);
    }
    return location;
}

} // namespace

Result<Location> parse_location(std::string_view url) {
    if (url.starts_with(unix_scheme)) {
        return parse_unix(url.substr(unix_scheme.size()));
    }
    if (url.starts_with(tcp_scheme)) {
        return parse_tcp(url.substr(tcp_scheme.size()));
    }
    for (const std::string_view scheme : {"rediss://", "redis+sentinel://", "redis+cluster://"}) {
        if (url.starts_with(scheme)) {
            return Error{"", std::string(scheme) + " is not supported by this version"};
        }
    }
    return Error{"", "expected redis://host:port/database or unix:/path"};
}

} // namespace api_key::store
