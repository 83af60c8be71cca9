// The directives: their contexts, arguments, and what is wrong with a wrong one.
#include <algorithm>
#include <string>

#include "core/key_text.h"
#include "module/configuration.h"
#include "module/files.h"
#include "module/manage.h"
#include "module/shared_zone.h"
#include "store/location.h"

namespace api_key::module {

namespace {

char* const conf_error = static_cast<char*>(NGX_CONF_ERROR);
char* const duplicate = const_cast<char*>("is duplicate");

std::span<ngx_str_t> arguments(ngx_conf_t* cf) {
    return std::span(static_cast<ngx_str_t*>(cf->args->elts), cf->args->nelts).subspan(1);
}

// `name=value` → value.
std::optional<std::string_view> named(std::string_view argument, std::string_view name) {
    if (argument.size() > name.size() && argument.starts_with(name) && argument[name.size()] == '=') {
        return argument.substr(name.size() + 1);
    }
    return std::nullopt;
}

char* refuse(ngx_conf_t* cf, const char* what, std::string_view argument) {
    const ngx_str_t shown = same_bytes(argument);
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\"", what, &shown);
    return conf_error;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_base62(c) || c == '_' || c == '-'; });
}

SourceLine here(ngx_conf_t* cf) {
    return {cf->conf_file->file.name, cf->conf_file->line};
}

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

char* resolve(ngx_conf_t* cf, store::ClientOptions& options) {
    const store::Location& location = options.location;
    std::string text = !location.unix_path.empty()                    ? "unix:" + location.unix_path
                       : location.host.find(':') != std::string::npos ? "[" + location.host + "]:" + std::to_string(location.port)
                                                                      : location.host + ":" + std::to_string(location.port);
    ngx_url_t url{};
    url.url = copy_to(cf->pool, text);
    if (url.url.data == nullptr) {
        return conf_error;
    }
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in api_key_redis \"%V\"", url.err != nullptr ? url.err : "no address", &url.url);
        return conf_error;
    }
    options.address = url.addrs[0];
    return NGX_CONF_OK;
}

char* set_redis_option(ngx_conf_t* cf, MainConfiguration& main, std::string_view argument) {
    store::ClientOptions& redis = *main.redis;
    if (const auto timeout = named(argument, "timeout")) {
        ngx_str_t text = same_bytes(*timeout);
        const ngx_int_t parsed = ngx_parse_time(&text, 0);
        if (parsed == NGX_ERROR || parsed == 0) {
            return refuse(cf, "invalid timeout, expected a time above 0:", argument);
        }
        redis.timeout_ms = static_cast<ngx_msec_t>(parsed);
        return NGX_CONF_OK;
    }
    if (const auto prefix = named(argument, "prefix")) {
        if (prefix->find_first_of("{}") != std::string_view::npos || prefix->size() > 64) {
            return refuse(cf, "invalid prefix, expected at most 64 characters without braces:", argument);
        }
        main.keyspace.emplace(*prefix);
        return NGX_CONF_OK;
    }
    if (const auto user = named(argument, "user")) {
        redis.user = *user;
        return NGX_CONF_OK;
    }
    if (const auto file = named(argument, "password_file")) {
        const std::optional<std::string> text = read_file(cf, *file);
        if (!text) {
            return conf_error;
        }
        redis.password = text->substr(0, text->find_first_of("\r\n"));
        return redis.password.empty() ? refuse(cf, "no password in the first line of", *file) : NGX_CONF_OK;
    }
    return refuse(cf, "invalid parameter", argument);
}

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
    main.redis.emplace();
    main.redis->location = *location;
    main.redis->timeout_ms = 100;
    main.keyspace.emplace("ak:");
    for (const ngx_str_t& value : values.subspan(1)) {
        if (char* const result = set_redis_option(cf, main, view(value)); result != NGX_CONF_OK) {
            return result;
        }
    }
    if (!main.redis->user.empty() && main.redis->password.empty()) {
        return refuse(cf, "no password_file= for user", main.redis->user);
    }
    return resolve(cf, *main.redis);
}

char* set_pepper(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.peppers) {
        return duplicate;
    }
    std::optional<std::string> text = read_file(cf, view(arguments(cf)[0]));
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

// A time of the form `10s` or `1h`, above 0.
std::optional<std::int64_t> time_ms(std::string_view text) {
    ngx_str_t value = same_bytes(text);
    const ngx_int_t parsed = ngx_parse_time(&value, 0);
    return parsed == NGX_ERROR || parsed == 0 ? std::nullopt : std::optional<std::int64_t>(parsed);
}

char* set_block(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr ngx_int_t most_failures = 1000;
    auto& server = *static_cast<ServerConfiguration*>(configuration);
    if (server.block) {
        return duplicate;
    }
    server.block.emplace();
    const std::span<ngx_str_t> values = arguments(cf);
    if (values.size() == 1 && view(values[0]) == "off") {
        return NGX_CONF_OK;
    }
    for (const ngx_str_t& value : values) {
        const std::string_view argument = view(value);
        if (const auto failed = named(argument, "failed")) {
            const ngx_int_t number = ngx_atoi(bytes(*failed), failed->size());
            if (number < 1 || number > most_failures) {
                return refuse(cf, "invalid number, expected failed= and 1 to 1000:", argument);
            }
            server.block->failed = static_cast<std::uint32_t>(number);
        } else if (const auto window = named(argument, "window"); window && time_ms(*window)) {
            server.block->window_ms = *time_ms(*window);
        } else if (const auto duration = named(argument, "for"); duration && time_ms(*duration)) {
            server.block->for_ms = *time_ms(*duration);
        } else {
            return refuse(cf, "invalid parameter, expected failed=N window=TIME for=TIME, or off:", argument);
        }
    }
    if (server.block->failed == 0 || server.block->window_ms == 0 || server.block->for_ms == 0) {
        return refuse(cf, "a parameter is missing, expected failed=N window=TIME for=TIME:", view(values[0]));
    }
    return NGX_CONF_OK;
}

char* set_type(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    const std::span<ngx_str_t> values = arguments(cf);
    KeyType type;
    type.name = view(values[0]);
    if (!is_name(type.name) || type.name == "off") {
        return refuse(cf, "invalid type name, expected 1 to 32 of [0-9A-Za-z_-]:", type.name);
    }
    for (const ngx_str_t& value : values.subspan(1)) {
        const std::string_view argument = view(value);
        if (const auto prefix = named(argument, "prefix")) {
            type.prefix = *prefix;
        } else if (argument == "manages") {
            type.manages = true;
        } else {
            return refuse(cf, "invalid parameter", argument);
        }
    }
    if (!is_key_prefix(type.prefix)) {
        return refuse(cf, "invalid or missing prefix, expected prefix= and 1 to 32 of [0-9A-Za-z_-] in type", type.name);
    }
    for (const KeyType& other : main.types) {
        if (other.name == type.name || other.prefix == type.prefix) {
            return refuse(cf, "duplicate name or prefix of type", type.name);
        }
    }
    if (main.types.size() == max_key_types) {
        return refuse(cf, "more than 32 types, the last being", type.name);
    }
    main.types.push_back(std::move(type));
    return NGX_CONF_OK;
}

char* set_types(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.types_set) {
        return duplicate;
    }
    location.types_set = true;
    location.types_line = here(cf);
    const std::span<ngx_str_t> values = arguments(cf);
    for (const ngx_str_t& value : values) {
        if (view(value) == "off") {
            return values.size() == 1 ? NGX_CONF_OK : refuse(cf, "no other parameter goes with", "off");
        }
        location.type_names.emplace_back(view(value));
    }
    return NGX_CONF_OK;
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_base62(c) || others.find(c) != std::string_view::npos; });
}

char* add_header_place(ngx_conf_t* cf, Places& places, std::string_view name) {
    if (!is_header_name(name)) {
        return refuse(cf, "invalid header name", name);
    }
    Header header;
    header.name.resize(name.size());
    header.hash = ngx_hash_strlow(bytes(header.name), bytes(name), name.size());
    if (header.name == "authorization") {
        return refuse(cf, "use \"bearer\" instead of header", name);
    }
    places.headers.push_back(std::move(header));
    return NGX_CONF_OK;
}

char* set_from(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.places != nullptr) {
        return duplicate;
    }
    auto* places = make_in_pool<Places>(cf->pool);
    if (places == nullptr) {
        return conf_error;
    }
    for (const ngx_str_t& value : arguments(cf)) {
        const std::string_view argument = view(value);
        if (argument == "bearer") {
            places->bearer = true;
        } else if (const auto header = named(argument, "header")) {
            if (add_header_place(cf, *places, *header) != NGX_CONF_OK) {
                return conf_error;
            }
        } else if (const auto query = named(argument, "query"); query && query->size() <= 64) {
            places->queries.emplace_back(*query);
        } else {
            return refuse(cf, "invalid place, expected bearer, header=NAME or query=NAME:", argument);
        }
    }
    places->query_names.assign(places->queries.begin(), places->queries.end());
    location.places = places;
    return NGX_CONF_OK;
}

char* set_error(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    const std::span<ngx_str_t> values = arguments(cf);
    const std::optional<Reason> reason = reason_from_name(view(values[0]));
    if (!reason) {
        return refuse(cf, "unknown reason", view(values[0]));
    }
    const ngx_int_t status = ngx_atoi(values[1].data, values[1].len);
    if (status < 400 || status > 599 || (status >= 494 && status <= 499)) {
        return refuse(cf, "invalid status, expected 400 to 599 without 494 to 499:", view(values[1]));
    }
    ErrorOverride& error = location.errors[static_cast<std::size_t>(*reason)];
    if (error.status != 0) {
        return refuse(cf, "duplicate reason", view(values[0]));
    }
    error.status = static_cast<std::uint16_t>(status);
    if (values.size() == 3) {
        error.has_message = true;
        error.message = values[2];
    }
    return NGX_CONF_OK;
}

char* set_error_format(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.error_format) {
        return duplicate;
    }
    const std::string_view name = view(arguments(cf)[0]);
    location.error_format = error_format_from_name(name);
    return location.error_format ? NGX_CONF_OK
                                 : refuse(cf, "invalid format, expected simple, openai, anthropic, gemini, problem or auto:", name);
}

char* set_delete(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.delete_rule) {
        return duplicate;
    }
    const std::string_view rule = view(arguments(cf)[0]);
    if (rule != "always" && rule != "unused") {
        return refuse(cf, "invalid rule, expected always or unused:", rule);
    }
    location.delete_rule = rule == "always" ? DeleteRule::always : DeleteRule::unused;
    return NGX_CONF_OK;
}

char* set_manage(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.manages) {
        return duplicate;
    }
    location.manages = true;
    location.manage_line = here(cf);
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    core->handler = manage_handler;
    return NGX_CONF_OK;
}

constexpr ngx_uint_t everywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

} // namespace

extern "C" {
ngx_command_t ngx_http_api_key_commands[] = {
    {ngx_string("api_key_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_zone, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_redis"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE, set_redis, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_pepper"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_pepper, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_plans"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_plans, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_block"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE123, set_block, NGX_HTTP_SRV_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("api_key_type"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE23, set_type, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key"), everywhere | NGX_CONF_1MORE, set_types, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_from"), everywhere | NGX_CONF_1MORE, set_from, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_forward"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, forward), nullptr},
    {ngx_string("api_key_error"), everywhere | NGX_CONF_TAKE23, set_error, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_error_format"), everywhere | NGX_CONF_TAKE1, set_error_format, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_delete"), everywhere | NGX_CONF_TAKE1, set_delete, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_stale"), everywhere | NGX_CONF_TAKE1, ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, stale_ms), nullptr},
    {ngx_string("api_key_dry_run"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, dry_run), nullptr},
    {ngx_string("api_key_headers"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, headers), nullptr},
    {ngx_string("api_key_manage"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_manage, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};
}

} // namespace api_key::module
