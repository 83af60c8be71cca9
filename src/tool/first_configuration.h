// The nginx configuration that `apikeyctl init` writes.
#pragma once

#include <string>

#include "tool/session.h"

namespace api_key::tool {

struct Types {
    static constexpr const char* proxy = "proxy";
    static constexpr const char* proxy_prefix = "ms-";
    static constexpr const char* billing = "billing";
    static constexpr const char* billing_prefix = "mk-";
};

struct FirstGateway {
    std::string listen = "8080"; // as in nginx's directive
    std::string upstream = "http://127.0.0.1:8000";
    std::string dashboard; // the directory of its files; empty: it is not installed
};

// A file for conf.d: a server that requires keys in front of `upstream`, manages them, and serves the dashboard.
std::string first_configuration(const Options& options, const FirstGateway& gateway);

} // namespace api_key::tool
