// The directives: their contexts, arguments, and error messages. Those of the http block are in http_directives.cpp.
#include <algorithm>
#include <string>

#include "core/secrets/key_text.h"
#include "core/text/money.h"
#include "core/text/number.h"
#include "module/health_page.h"
#include "module/manage/handler.h"
#include "module/metrics_page.h"
#include "module/settings/directive_tools.h"
#include "module/settings/rewrite_answer.h"

namespace api_key::module {

namespace {

char* set_block(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr ngx_int_t max_failures = 1000;
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
            if (number < 1 || number > max_failures) {
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
        return refuse(cf, "missing parameter, expected failed=N window=TIME for=TIME:", view(values[0]));
    }
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
            return values.size() == 1 ? NGX_CONF_OK : refuse(cf, "no other parameters are allowed with", "off");
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

char* add_header_source(ngx_conf_t* cf, CredentialSources& sources, std::string_view name) {
    if (!is_header_name(name)) {
        return refuse(cf, "invalid header name", name);
    }
    Header header;
    header.name.resize(name.size());
    header.hash = ngx_hash_strlow(bytes(header.name), bytes(name), name.size());
    if (header.name == "authorization") {
        return refuse(cf, "use \"bearer\" instead of header", name);
    }
    sources.headers.push_back(std::move(header));
    return NGX_CONF_OK;
}

char* set_from(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.sources != nullptr) {
        return duplicate;
    }
    auto* sources = make_in_pool<CredentialSources>(cf->pool);
    if (sources == nullptr) {
        return conf_error;
    }
    for (const ngx_str_t& value : arguments(cf)) {
        const std::string_view argument = view(value);
        if (argument == "bearer") {
            sources->bearer = true;
        } else if (const auto header = named(argument, "header")) {
            if (add_header_source(cf, *sources, *header) != NGX_CONF_OK) {
                return conf_error;
            }
        } else if (const auto query = named(argument, "query"); query && query->size() <= 64) {
            sources->queries.emplace_back(*query);
        } else {
            return refuse(cf, "invalid place, expected bearer, header=NAME or query=NAME:", argument);
        }
    }
    sources->query_names.assign(sources->queries.begin(), sources->queries.end());
    location.sources = sources;
    return NGX_CONF_OK;
}

// `missing_key, multiple_keys, … or upgrade_refused`
std::string reason_names() {
    std::string names;
    for (std::size_t index = 1; index < reason_count; index++) {
        names += index == 1 ? "" : index + 1 < reason_count ? ", " : " or ";
        names += info(static_cast<Reason>(index)).name;
    }
    return names;
}

// Compiles a text with variables.
bool compile(ngx_conf_t* cf, ngx_str_t& text, ngx_http_complex_value_t*& value) {
    value = static_cast<ngx_http_complex_value_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t)));
    ngx_http_compile_complex_value_t compiler{};
    compiler.cf = cf;
    compiler.value = &text;
    compiler.complex_value = value;
    return value != nullptr && ngx_http_compile_complex_value(&compiler) == NGX_OK;
}

char* set_error(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    const std::span<ngx_str_t> values = arguments(cf);
    const std::optional<Reason> reason = reason_from_name(view(values[0]));
    if (!reason) {
        return refuse(cf, ("unknown reason, expected " + reason_names() + ":").c_str(), view(values[0]));
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
    return values.size() < 3 || compile(cf, values[2], error.message) ? NGX_CONF_OK : conf_error;
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

char* set_model(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.model_set) {
        return duplicate;
    }
    const std::string_view source = view(arguments(cf)[0]);
    if (source == "body" || source == "path") {
        location.model_set = source == "body" ? ModelSource::body : ModelSource::path;
        return NGX_CONF_OK;
    }
    if (source == "off") {
        location.model_set = ModelSource::off;
        return NGX_CONF_OK;
    }
    if (source.size() < 2 || source.front() != '$') {
        return refuse(cf, "invalid model source, expected body, path, off or a variable:", source);
    }
    ngx_str_t name = same_bytes(source.substr(1));
    location.model_set = ModelSource::variable;
    location.model_variable = ngx_http_get_variable_index(cf, &name);
    return location.model_variable != NGX_ERROR ? NGX_CONF_OK : conf_error;
}

char* set_meter(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.meter_set) {
        return duplicate;
    }
    const std::string_view name = view(arguments(cf)[0]);
    location.meter_set = meter_dialect_from_name(name);
    return *location.meter_set || name == "off"
               ? NGX_CONF_OK
               : refuse(cf, "invalid API in \"api_key_meter\", expected openai, anthropic, gemini or off:", name);
}

// Credits as a literal, not in a variable.
bool is_amount(const ngx_http_complex_value_t& value) {
    return value.lengths != nullptr || parse_micro_credits(view(value.value));
}

char* set_amount(ngx_conf_t* cf, ngx_command_t* command, void* configuration) {
    if (char* const result = ngx_http_set_complex_value_slot(cf, command, configuration); result != NGX_CONF_OK) {
        return result;
    }
    const auto* const* value = reinterpret_cast<ngx_http_complex_value_t* const*>(static_cast<char*>(configuration) + command->offset);
    return is_amount(**value)
               ? NGX_CONF_OK
               : refuse(cf, "invalid amount, expected credits with at most six decimals, or a variable:", view((*value)->value));
}

char* set_cost(ngx_conf_t* cf, ngx_command_t* command, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.cost_set) {
        return duplicate;
    }
    location.cost_set = true;
    location.cost_line = here(cf);
    if (view(arguments(cf)[0]) == "off") {
        return NGX_CONF_OK;
    }
    return set_amount(cf, command, configuration);
}

char* set_reserve(ngx_conf_t* cf, ngx_command_t* command, void* configuration) {
    if (char* const result = set_amount(cf, command, configuration); result != NGX_CONF_OK) {
        return result;
    }
    const ngx_http_complex_value_t& value = *static_cast<LocationConfiguration*>(configuration)->reserve;
    const bool is_nothing = value.lengths == nullptr && micro_credits_rounded_up(view(value.value)) == 0;
    return is_nothing
               ? refuse(cf, "invalid amount, expected more than 0 (use api_key_cost 0 for a location that is free):", view(value.value))
               : NGX_CONF_OK;
}

char* set_outage_requests(ngx_conf_t* cf, LocationConfiguration& location, std::string_view parameter) {
    constexpr std::string_view name = "reserve=";
    const auto requests = parameter.starts_with(name) ? whole_number(parameter.substr(name.size())) : std::nullopt;
    if (!requests || *requests < 1 || *requests > max_outage_requests) {
        return refuse(cf, "invalid parameter of \"api_key_stale\", expected reserve=N with 1 to 10000 requests:", parameter);
    }
    if (location.stale_ms == 0) {
        return refuse(cf, "\"api_key_stale 0\" uses nothing while Redis is away, so it has no", parameter);
    }
    location.outage_requests = static_cast<std::uint32_t>(*requests);
    return NGX_CONF_OK;
}

char* set_stale(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.stale_ms != NGX_CONF_UNSET_MSEC) {
        return duplicate;
    }
    ngx_str_t& value = arguments(cf)[0];
    const ngx_int_t time_ms = ngx_parse_time(&value, 0);
    if (time_ms == NGX_ERROR) {
        return refuse(cf, "invalid time in \"api_key_stale\", expected a time such as 60s or 5m, or 0:", view(value));
    }
    location.stale_ms = static_cast<ngx_msec_t>(time_ms);
    return arguments(cf).size() > 1 ? set_outage_requests(cf, location, view(arguments(cf)[1])) : NGX_CONF_OK;
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

char* set_upgrade(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.upgrade) {
        return duplicate;
    }
    const std::string_view rule = view(arguments(cf)[0]);
    if (rule == "frames") {
        return refuse(cf, "not supported in this version, expected refuse or pass:", rule);
    }
    if (rule != "refuse" && rule != "pass") {
        return refuse(cf, "invalid rule, expected refuse or pass:", rule);
    }
    location.upgrade = rule == "pass" ? UpgradeRule::pass : UpgradeRule::refuse;
    return NGX_CONF_OK;
}

char* set_metrics(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr ngx_int_t max_keys = 1000;
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->handler == metrics_handler) {
        return duplicate;
    }
    core->handler = metrics_handler;
    location.page = metrics_handler;
    for (const ngx_str_t& value : arguments(cf)) {
        const auto top = named(view(value), "top");
        const ngx_int_t number = top ? ngx_atoi(bytes(*top), top->size()) : NGX_ERROR;
        if (number < 1 || number > max_keys) {
            return refuse(cf, "invalid parameter, expected top= and 1 to 1000:", view(value));
        }
        location.metrics_top = static_cast<std::size_t>(number);
    }
    return NGX_CONF_OK;
}

char* set_health(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->handler == health_handler) {
        return duplicate;
    }
    core->handler = health_handler;
    static_cast<LocationConfiguration*>(configuration)->page = health_handler;
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
    {ngx_string("api_key_prices"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, set_prices, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
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
    {ngx_string("api_key_upgrade"), everywhere | NGX_CONF_TAKE1, set_upgrade, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_meter"), everywhere | NGX_CONF_TAKE1, set_meter, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_model"), everywhere | NGX_CONF_TAKE1, set_model, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_cost"), everywhere | NGX_CONF_TAKE1, set_cost, NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConfiguration, cost),
     nullptr},
    {ngx_string("api_key_reserve"), everywhere | NGX_CONF_TAKE1, set_reserve, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, reserve), nullptr},
    {ngx_string("api_key_stale"), everywhere | NGX_CONF_TAKE12, set_stale, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_dry_run"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, dry_run), nullptr},
    {ngx_string("api_key_headers"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, headers), nullptr},
    {ngx_string("api_key_log"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, log), nullptr},
    {ngx_string("api_key_preflight"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, preflight), nullptr},
    {ngx_string("api_key_models_list"), everywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConfiguration, models_list), nullptr},
    {ngx_string("api_key_alert"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE123, set_alert, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_log_keep"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, set_log_keep, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_manage"), NGX_HTTP_LOC_CONF | NGX_CONF_ANY, set_manage, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("api_key_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, set_metrics, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("api_key_health"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_health, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("return"), NGX_HTTP_SRV_CONF | NGX_HTTP_SIF_CONF | NGX_HTTP_LOC_CONF | NGX_HTTP_LIF_CONF | NGX_CONF_TAKE12, set_return,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("rewrite"), NGX_HTTP_SRV_CONF | NGX_HTTP_SIF_CONF | NGX_HTTP_LOC_CONF | NGX_HTTP_LIF_CONF | NGX_CONF_TAKE23, set_rewrite,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};
}

} // namespace api_key::module
