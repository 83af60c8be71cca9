// `api_key_redis URL [parameters]`.
#include <array>

#include "module/ngx/files.h"
#include "module/settings/directive_tools.h"
#include "module/settings/peer_tls.h"

namespace api_key::module {

namespace {

char* set_timeout(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    const std::optional<std::int64_t> timeout_ms = time_ms(value);
    if (!timeout_ms) {
        return refuse(cf, "invalid timeout=, expected a time greater than 0:", value);
    }
    main.redis->timeout_ms = static_cast<ngx_msec_t>(*timeout_ms);
    return NGX_CONF_OK;
}

char* set_prefix(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    if (value.find_first_of("{}") != std::string_view::npos || value.size() > 64) {
        return refuse(cf, "invalid prefix=, expected at most 64 characters without braces:", value);
    }
    main.keyspace.emplace(value);
    return NGX_CONF_OK;
}

char* set_user(ngx_conf_t* /*cf*/, MainConfiguration& main, std::string_view value) {
    main.redis->access.user = value;
    return NGX_CONF_OK;
}

char* set_password_file(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    const std::optional<std::string> text = read_secret_file(cf, value);
    if (!text) {
        return conf_error;
    }
    std::string& password = main.redis->access.password;
    password = text->substr(0, text->find_first_of("\r\n"));
    return password.empty() ? refuse(cf, "no password on the first line of", value) : NGX_CONF_OK;
}

// A file of the TLS parameters, relative to the configuration's directory.
char* set_file(ngx_conf_t* cf, std::string& file, std::string_view value) {
    ngx_str_t name = copy_to(cf->pool, value);
    if (name.data == nullptr || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return conf_error;
    }
    file = view(name);
    return NGX_CONF_OK;
}

char* set_ca(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    return set_file(cf, main.redis->tls.options.ca_file, value);
}

char* set_certificate(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    return set_file(cf, main.redis->tls.options.certificate_file, value);
}

char* set_key(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    return set_file(cf, main.redis->tls.options.key_file, value);
}

char* set_server_name(ngx_conf_t* /*cf*/, MainConfiguration& main, std::string_view value) {
    main.redis->tls.options.name = value;
    return NGX_CONF_OK;
}

char* set_verify(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    if (value != "on" && value != "off") {
        return refuse(cf, "invalid tls_verify=, expected on or off:", value);
    }
    main.redis->tls.options.verify = value == "on";
    return NGX_CONF_OK;
}

char* set_durable(ngx_conf_t* cf, MainConfiguration& main, std::string_view value) {
    if (value != "grants") {
        return refuse(cf, "invalid durable=, expected grants:", value);
    }
    main.durable_grants = true;
    return NGX_CONF_OK;
}

struct Parameter {
    std::string_view name;
    char* (*set)(ngx_conf_t* cf, MainConfiguration& main, std::string_view value);
};

constexpr std::array<Parameter, 10> parameters{{{"timeout", set_timeout},
                                                {"durable", set_durable},
                                                {"prefix", set_prefix},
                                                {"user", set_user},
                                                {"password_file", set_password_file},
                                                {"tls_ca", set_ca},
                                                {"tls_name", set_server_name},
                                                {"tls_cert", set_certificate},
                                                {"tls_key", set_key},
                                                {"tls_verify", set_verify}}};

char* set_parameter(ngx_conf_t* cf, MainConfiguration& main, std::string_view argument) {
    for (const Parameter& parameter : parameters) {
        if (const auto value = named(argument, parameter.name)) {
            return parameter.set(cf, main, *value);
        }
    }
    return refuse(cf, "invalid parameter", argument);
}

// Resolved when the configuration is read, as everywhere in nginx. A name that cannot be resolved then may still be known to a resolver,
// which the http block may set further down.
char* resolve(ngx_conf_t* cf, const store::Endpoint& endpoint, MainConfiguration& main) {
    store::ClientOptions& options = *main.redis;
    const store::Location& location = options.access.location;
    ngx_url_t url{};
    url.url = copy_to(cf->pool, location.unix_path.empty() ? endpoint.text() : "unix:" + location.unix_path);
    if (url.url.data == nullptr) {
        return conf_error;
    }
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
        main.unresolved_line = here(cf);
        main.unresolved = url.url;
        return NGX_CONF_OK;
    }
    options.names.known.push_back({endpoint, std::vector<ngx_addr_t>(url.addrs, url.addrs + url.naddrs)});
    return NGX_CONF_OK;
}

char* resolve_all(ngx_conf_t* cf, MainConfiguration& main) {
    const store::Location& location = main.redis->access.location;
    if (!location.unix_path.empty()) {
        return resolve(cf, {}, main);
    }
    for (const store::Endpoint& endpoint : location.endpoints) {
        if (char* const result = resolve(cf, endpoint, main); result != NGX_CONF_OK) {
            return result;
        }
    }
    return NGX_CONF_OK;
}

// Checks the parameters against each other.
char* check_parameters(ngx_conf_t* cf, const store::ClientOptions& redis) {
    const store::TlsOptions& tls = redis.tls.options;
    if (!redis.access.user.empty() && redis.access.password.empty()) {
        return refuse(cf, "missing password_file= for user", redis.access.user);
    }
    if (tls.any() && !redis.access.location.tls) {
        return refuse(cf, "tls_… parameters require a rediss:// address, not", view(arguments(cf)[0]));
    }
    if (tls.certificate_file.empty() != tls.key_file.empty()) {
        return refuse(cf, "tls_cert= and tls_key= must be used together in", view(arguments(cf)[0]));
    }
    return NGX_CONF_OK;
}

} // namespace

char* set_redis(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.redis) {
        return duplicate;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const Result<store::Location> location = store::parse_location(view(values[0]));
    if (!location) {
        const ngx_str_t reason = same_bytes(location.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid address in \"api_key_redis\": %V", &reason);
        return conf_error;
    }
    store::ClientOptions& redis = main.redis.emplace();
    redis.access.location = *location;
    redis.name = location->text();
    redis.timeout_ms = 100;
    main.keyspace.emplace("ak:");
    for (const ngx_str_t& value : values.subspan(1)) {
        if (char* const result = set_parameter(cf, main, view(value)); result != NGX_CONF_OK) {
            return result;
        }
    }
    if (char* const result = check_parameters(cf, redis); result != NGX_CONF_OK) {
        return result;
    }
    redis.access.tls = redis.tls.options;
    if (char* const result = location->tls ? create_peer_tls(cf, redis.tls) : NGX_CONF_OK; result != NGX_CONF_OK) {
        return result;
    }
    return resolve_all(cf, main);
}

} // namespace api_key::module
