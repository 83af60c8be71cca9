#include "tool/first_configuration.h"

#include <fmt/format.h>

namespace api_key::tool {

namespace {

constexpr const char* store_part =
    R"(# API keys for NGINX, as "apikeyctl init" wrote it. Change what you like: init does not touch it again.

# Keys: cached in shared memory, kept in Redis, under a secret that only nginx and apikeyctl read.
api_key_zone zone=keys:64m;
api_key_redis {};
api_key_pepper {};

# Keys that open the API begin with {}, keys that manage keys with {}; neither does what the other does.
api_key_type {} prefix={};
api_key_type {} prefix={} manages;

)";

constexpr const char* server_part = R"(server {{
    listen {};

    # The API. A request with a good key reaches it, without the key.
    location / {{
        api_key {};
        api_key_from bearer header=x-api-key;
        proxy_pass {};
    }}

    # The management API: keys are created, listed, limited, rotated and deleted here.
    location /api/ {{
        api_key {};
        api_key_manage;
    }}
{}}}
)";

constexpr const char* dashboard_part = R"(
    # The same in a browser: sign in with a {} key.
    location = /dashboard {{
        absolute_redirect off;
        return 302 /dashboard/;
    }}
    location /dashboard/ {{
        alias {};
        include dashboard.conf;
    }}
)";

std::string redis_arguments(const Options& options) {
    std::string arguments = options.redis;
    const auto add = [&arguments](const char* name, const std::string& value) {
        if (!value.empty()) {
            arguments += fmt::format(" {}={}", name, value);
        }
    };
    add("prefix", options.prefix == Options{}.prefix ? std::string() : options.prefix);
    add("user", options.user);
    add("password_file", options.password_file);
    add("tls_ca", options.tls.ca_file);
    add("tls_name", options.tls.name);
    add("tls_cert", options.tls.certificate_file);
    add("tls_key", options.tls.key_file);
    add("tls_verify", options.tls.verify ? "" : "off");
    return arguments;
}

} // namespace

std::string first_configuration(const Options& options, const FirstGateway& gateway) {
    const std::string dashboard =
        gateway.dashboard.empty() ? std::string() : fmt::format(dashboard_part, Types::billing, gateway.dashboard + "/");
    return fmt::format(store_part, redis_arguments(options), options.pepper_file, Types::proxy_prefix, Types::billing_prefix, Types::proxy,
                       Types::proxy_prefix, Types::billing, Types::billing_prefix) +
           fmt::format(server_part, gateway.listen, Types::proxy, gateway.upstream, Types::billing, dashboard);
}

} // namespace api_key::tool
