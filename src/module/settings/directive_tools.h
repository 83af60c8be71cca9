// Helpers of the directives' handlers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "module/settings/configuration.h"

namespace api_key::module {

inline char* const conf_error = static_cast<char*>(NGX_CONF_ERROR);
inline char* const duplicate = const_cast<char*>("is duplicate");

inline std::span<ngx_str_t> arguments(ngx_conf_t* cf) {
    return std::span(static_cast<ngx_str_t*>(cf->args->elts), cf->args->nelts).subspan(1);
}

// `name=value` → value.
inline std::optional<std::string_view> named(std::string_view argument, std::string_view name) {
    if (argument.size() > name.size() && argument.starts_with(name) && argument[name.size()] == '=') {
        return argument.substr(name.size() + 1);
    }
    return std::nullopt;
}

inline char* refuse(ngx_conf_t* cf, const char* what, std::string_view argument) {
    const ngx_str_t shown = same_bytes(argument);
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\"", what, &shown);
    return conf_error;
}

inline SourceLine here(ngx_conf_t* cf) {
    return {cf->conf_file->file.name, cf->conf_file->line};
}

// A time of the form `10s` or `1h`, above 0.
inline std::optional<std::int64_t> time_ms(std::string_view text) {
    ngx_str_t value = same_bytes(text);
    const ngx_int_t parsed = ngx_parse_time(&value, 0);
    return parsed == NGX_ERROR || parsed == 0 ? std::nullopt : std::optional<std::int64_t>(parsed);
}

// The handlers of the directives of the http block; see http_directives.cpp.
char* set_zone(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_redis(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_pepper(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_alert(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_log_keep(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_prices(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_plans(ngx_conf_t* cf, ngx_command_t* command, void* configuration);
char* set_type(ngx_conf_t* cf, ngx_command_t* command, void* configuration);

// See manage_directive.cpp.
char* set_manage(ngx_conf_t* cf, ngx_command_t* command, void* configuration);

} // namespace api_key::module
