// The directives of the http block except api_key_redis and api_key_alert: the zone, the secrets, the plans, the key types.
#include <algorithm>
#include <string>

#include "core/secrets/key_text.h"
#include "module/ngx/files.h"
#include "module/settings/directive_tools.h"
#include "module/settings/shared_zone.h"

namespace api_key::module {

namespace {

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_base62(c) || c == '_' || c == '-'; });
}

} // namespace

char* set_zone(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.zone != nullptr) {
        return duplicate;
    }
    const std::string_view argument = view(arguments(cf)[0]);
    const std::optional<std::string_view> value = named(argument, "zone");
    const std::size_t colon = value ? value->find(':') : std::string_view::npos;
    if (colon == std::string_view::npos || colon == 0) {
        return refuse(cf, "invalid zone, expected zone=NAME:SIZE:", argument);
    }
    ngx_str_t size_text = same_bytes(value->substr(colon + 1));
    const ssize_t size = ngx_parse_size(&size_text);
    if (size == NGX_ERROR) {
        return refuse(cf, "invalid zone size", argument);
    }
    if (static_cast<std::size_t>(size) < minimum_zone_size) {
        return refuse(cf, "zone is too small, 512k is the least:", argument);
    }
    ngx_str_t name = same_bytes(value->substr(0, colon));
    main.zone = add_shared_zone(cf, &name, static_cast<std::size_t>(size));
    return main.zone != nullptr ? NGX_CONF_OK : conf_error;
}

char* set_pepper(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.peppers) {
        return duplicate;
    }
    std::optional<std::string> text = read_secret_file(cf, view(arguments(cf)[0]));
    if (!text) {
        return conf_error;
    }
    Result<Peppers> peppers = Peppers::parse(*text);
    ngx_explicit_memzero(text->data(), text->size());
    if (!peppers) {
        ngx_str_t file = arguments(cf)[0];
        const ngx_str_t where = same_bytes(peppers.error().field);
        const ngx_str_t what = same_bytes(peppers.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid pepper file \"%V\"%s%V: %V", &file, where.len != 0 ? ", " : "", &where, &what);
        return conf_error;
    }
    main.peppers.emplace(std::move(*peppers));
    return NGX_CONF_OK;
}

char* set_plans(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.plans) {
        return duplicate;
    }
    const std::optional<std::string> text = read_file(cf, view(arguments(cf)[0]));
    if (!text) {
        return conf_error;
    }
    Result<Plans> plans = Plans::parse(*text);
    if (!plans) {
        ngx_str_t file = arguments(cf)[0];
        const ngx_str_t what = same_bytes(plans.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid plans file \"%V\": %V", &file, &what);
        return conf_error;
    }
    main.plans.emplace(std::move(*plans));
    return NGX_CONF_OK;
}

char* set_prices(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr std::size_t largest = std::size_t{64} * 1024 * 1024;
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.prices) {
        return duplicate;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const std::optional<std::string> text = read_file(cf, view(values[0]), largest);
    if (!text) {
        return conf_error;
    }
    Result<Prices> prices = Prices::parse(*text);
    if (!prices) {
        const ngx_str_t what = same_bytes(prices.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid prices file \"%V\": %V", &values[0], &what);
        return conf_error;
    }
    if (values.size() == 2) {
        const std::optional<std::string_view> model = named(view(values[1]), "default");
        if (!model) {
            return refuse(cf, "invalid parameter, expected default=MODEL:", view(values[1]));
        }
        if (prices->find(*model, {}) == nullptr) {
            return refuse(cf, "the prices file has no such model:", view(values[1]));
        }
        main.default_model = *model;
    }
    main.prices.emplace(std::move(*prices));
    return NGX_CONF_OK;
}

char* set_log_keep(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr ngx_int_t most = 10'000'000;
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.log_keep_set) {
        return duplicate;
    }
    main.log_keep_set = true;
    for (const ngx_str_t& value : arguments(cf)) {
        const std::string_view argument = view(value);
        if (const auto count = named(argument, "count")) {
            const ngx_int_t number = ngx_atoi(bytes(*count), count->size());
            if (number < 1 || number > most) {
                return refuse(cf, "invalid number, expected count= and 1 to 10000000:", argument);
            }
            main.log_keep.count = static_cast<std::uint64_t>(number);
        } else if (const auto age = named(argument, "age"); age && time_ms(*age)) {
            main.log_keep.age_ms = *time_ms(*age);
        } else {
            return refuse(cf, "invalid parameter, expected count=NUMBER age=TIME:", argument);
        }
    }
    return NGX_CONF_OK;
}

char* set_type(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    const std::span<ngx_str_t> values = arguments(cf);
    KeyType type;
    bool has_prefix = false;
    type.name = view(values[0]);
    if (!is_name(type.name) || type.name == "off") {
        return refuse(cf, "invalid type name, expected 1 to 32 characters of [0-9A-Za-z_-]:", type.name);
    }
    for (const ngx_str_t& value : values.subspan(1)) {
        const std::string_view argument = view(value);
        if (const auto prefix = named(argument, "prefix")) {
            type.prefix = *prefix;
            has_prefix = true;
        } else if (argument == "manages") {
            type.manages = true;
        } else if (argument == "format=any") {
            type.is_foreign = true;
        } else {
            return refuse(cf, "invalid parameter, expected prefix=STR, manages or format=any:", argument);
        }
    }
    if (!is_key_prefix(type.prefix) && !(type.is_foreign && has_prefix && type.prefix.empty())) {
        return refuse(cf, "invalid or missing prefix, expected prefix= and 1 to 32 characters of [0-9A-Za-z_-] in type", type.name);
    }
    for (const KeyType& other : main.types) {
        if (other.name == type.name) {
            return refuse(cf, "duplicate key type", type.name);
        }
        if (other.prefix == type.prefix) {
            return refuse(cf, ("the prefix of key type \"" + type.name + "\" is already used by").c_str(), other.name);
        }
    }
    if (main.types.size() == max_key_types) {
        return refuse(cf, "more than 32 key types, the last one is", type.name);
    }
    main.types.push_back(std::move(type));
    return NGX_CONF_OK;
}

} // namespace api_key::module
