// `api_key_manage`: enables the management API in a location, and limits what an account may change and have through it.
#include "core/text/next_part.h"
#include "module/manage/handler.h"
#include "module/settings/directive_tools.h"

namespace api_key::module {

namespace {

// Parses `5r/s`, `30r/m`, or `off` into an interval.
std::optional<std::int64_t> interval_of_rate(std::string_view text) {
    constexpr ngx_int_t most = 1000;
    if (text == "off") {
        return 0;
    }
    const std::int64_t period_ms = text.ends_with("r/s") ? 1000 : text.ends_with("r/m") ? 60'000 : 0;
    text.remove_suffix(std::min<std::size_t>(text.size(), 3));
    const ngx_int_t number = ngx_atoi(bytes(text), text.size());
    return period_ms != 0 && number >= 1 && number <= most ? std::optional(period_ms / number) : std::nullopt;
}

std::optional<std::uint32_t> number_to(std::string_view text, ngx_int_t most) {
    const ngx_int_t number = ngx_atoi(bytes(text), text.size());
    return number >= 1 && number <= most ? std::optional(static_cast<std::uint32_t>(number)) : std::nullopt;
}

} // namespace

char* set_manage(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    constexpr ngx_int_t max_at_once = 1'000'000;
    constexpr ngx_int_t max_keys = 10'000'000;
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (location.manages) {
        return duplicate;
    }
    for (const ngx_str_t& value : arguments(cf)) {
        const std::string_view argument = view(value);
        if (const auto rate = named(argument, "changes"); rate && interval_of_rate(*rate)) {
            location.pace_of_changes.interval_ms = *interval_of_rate(*rate);
        } else if (const auto burst = named(argument, "burst"); burst && number_to(*burst, max_at_once)) {
            location.pace_of_changes.burst = *number_to(*burst, max_at_once);
        } else if (const auto keys = named(argument, "keys"); keys && (*keys == "off" || number_to(*keys, max_keys))) {
            location.max_keys = *keys == "off" ? 0 : *number_to(*keys, max_keys);
        } else if (const auto names = named(argument, "types"); names && !names->empty() && location.managed_names.empty()) {
            for (std::string_view rest = *names; !rest.empty();) {
                location.managed_names.emplace_back(next_part(rest, ','));
            }
        } else {
            return refuse(cf, "invalid parameter, expected types=NAME,… changes=RATE burst=NUMBER keys=NUMBER:", argument);
        }
    }
    location.manages = true;
    location.manage_line = here(cf);
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    core->handler = manage_handler;
    return NGX_CONF_OK;
}

} // namespace api_key::module
