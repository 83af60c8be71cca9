#include "store/server/location.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/text/next_part.h"

namespace api_key::store {

namespace {

constexpr std::string_view unix_scheme = "unix:";
constexpr unsigned max_database = 9999;
constexpr std::size_t max_endpoints = 32;

struct Scheme {
    std::string_view name;
    Topology topology;
    bool tls;
    std::uint16_t port;
    const char* form;
};

constexpr std::array<Scheme, 6> schemes{{
    {"redis://", Topology::standalone, false, 6379, "expected redis://host:port/database"},
    {"rediss://", Topology::standalone, true, 6379, "expected rediss://host:port/database"},
    {"redis+sentinel://", Topology::sentinel, false, 26379, "expected redis+sentinel://host:port,host:port/master"},
    {"rediss+sentinel://", Topology::sentinel, true, 26379, "expected rediss+sentinel://host:port,host:port/master"},
    {"redis+cluster://", Topology::cluster, false, 6379, "expected redis+cluster://host:port,host:port"},
    {"rediss+cluster://", Topology::cluster, true, 6379, "expected rediss+cluster://host:port,host:port"},
}};

std::optional<unsigned> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

Result<unsigned> parse_database(std::string_view text) {
    const std::optional<unsigned> database = number(text, max_database);
    return database ? Result<unsigned>(*database) : Result<unsigned>(Error{"", "the database must be a number from 0 to 9999"});
}

Result<Location> parse_unix(std::string_view rest) {
    Location location;
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    location.unix_path = rest.substr(0, colon);
    if (location.unix_path.size() < 2 || location.unix_path.front() != '/') {
        return Error{"", "expected unix:/path or unix:/path:database"};
    }
    if (colon < rest.size()) {
        const Result<unsigned> database = parse_database(rest.substr(colon + 1));
        if (!database) {
            return database.error();
        }
        location.database = *database;
    }
    return location;
}

Result<Endpoint> parse_endpoint(std::string_view text, const Scheme& scheme) {
    Endpoint endpoint;
    endpoint.port = scheme.port;
    const bool bracketed = text.starts_with('[');
    const std::size_t bracket = text.find(']');
    if (bracketed && bracket == std::string_view::npos) {
        return Error{"", "expected ] after the IPv6 address"};
    }
    const std::size_t colon = std::min(text.find(':', bracketed ? bracket : 0), text.size());
    endpoint.host = bracketed ? text.substr(1, bracket - 1) : text.substr(0, colon);
    if (endpoint.host.empty()) {
        return Error{"", scheme.form};
    }
    if (colon < text.size()) {
        const std::optional<unsigned> port = number(text.substr(colon + 1), 65535);
        if (!port || *port == 0) {
            return Error{"", "the port must be a number from 1 to 65535"};
        }
        endpoint.port = static_cast<std::uint16_t>(*port);
    }
    return endpoint;
}

// The path after the servers: the sentinels' name of the master, a database.
std::optional<Error> parse_path(std::string_view path, const Scheme& scheme, Location& location) {
    if (scheme.topology == Topology::cluster) {
        return path.empty() ? std::nullopt : std::optional(Error{"", "a cluster has no databases"});
    }
    if (scheme.topology == Topology::sentinel) {
        location.master = next_part(path, '/');
        if (location.master.empty()) {
            return Error{"", scheme.form};
        }
    }
    if (path.empty()) {
        return std::nullopt;
    }
    const Result<unsigned> database = parse_database(path);
    if (!database) {
        return database.error();
    }
    location.database = *database;
    return std::nullopt;
}

Result<Location> parse_servers(std::string_view rest, const Scheme& scheme) {
    Location location;
    location.topology = scheme.topology;
    location.tls = scheme.tls;
    std::string_view servers = next_part(rest, '/');
    if (servers.find('@') != std::string_view::npos) {
        return Error{"", "user and password do not belong into the address: use user= and password_file="};
    }
    do {
        Result<Endpoint> endpoint = parse_endpoint(next_part(servers, ','), scheme);
        if (!endpoint) {
            return endpoint.error();
        }
        location.endpoints.push_back(std::move(*endpoint));
    } while (!servers.empty());
    const bool many = location.endpoints.size() > 1;
    if ((many && scheme.topology == Topology::standalone) || location.endpoints.size() > max_endpoints) {
        return Error{"", many && scheme.topology == Topology::standalone ? "more than one server: use redis+sentinel:// or redis+cluster://"
                                                                         : "more than 32 servers"};
    }
    if (const std::optional<Error> error = parse_path(rest, scheme, location)) {
        return *error;
    }
    return location;
}

} // namespace

std::string Endpoint::text() const {
    return (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Location::text() const {
    if (!unix_path.empty()) {
        return unix_scheme.data() + unix_path;
    }
    std::string text;
    for (const Endpoint& endpoint : endpoints) {
        text += (text.empty() ? "" : ",") + endpoint.text();
    }
    return master.empty() ? text : text + "/" + master;
}

Result<Location> parse_location(std::string_view url) {
    if (url.starts_with(unix_scheme)) {
        return parse_unix(url.substr(unix_scheme.size()));
    }
    for (const Scheme& scheme : schemes) {
        if (url.starts_with(scheme.name)) {
            return parse_servers(url.substr(scheme.name.size()), scheme);
        }
    }
    return Error{"", "expected redis://host:port/database, rediss://, redis+sentinel://, redis+cluster:// or unix:/path"};
}

} // namespace api_key::store
