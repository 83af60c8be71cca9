#include "module/settings/location_warnings.h"

#include <algorithm>

namespace api_key::module {

namespace {

void note(std::vector<LocationWarning>& all, const SourceLine& line, std::string_view name) {
    auto found = std::find_if(all.begin(), all.end(), [&](const LocationWarning& one) {
        return one.line.line == line.line && view(one.line.file) == view(line.file);
    });
    if (found == all.end()) {
        found = all.insert(all.end(), LocationWarning{line, {}});
    }
    found->names.emplace_back(name);
}

bool has_error(const LocationConfiguration& location, Reason reason) {
    return location.errors[static_cast<std::size_t>(reason)].status != 0;
}

bool is_free(const MainConfiguration& main, const LocationConfiguration& location) {
    const bool matters = main.prices || has_error(location, Reason::key_spend_exceeded) || has_error(location, Reason::wallet_empty);
    return matters && location.cost == nullptr && !(location.meter && main.prices);
}

bool ignores_models(const MainConfiguration& main, const LocationConfiguration& location) {
    const auto names_models = [](const Plan& plan) { return !plan.models.empty(); };
    const bool in_plans = main.plans && std::any_of(main.plans->all().begin(), main.plans->all().end(), names_models);
    return location.refuses_scopes && (in_plans || has_error(location, Reason::model_not_allowed));
}

// With such an answer next to `api_key`, no request has to present a key. An `api_key` that is inherited, or an answer in an `if`, may be
// intended as the `api_key` covers more than that, but hardly if the answer has content.
bool skips_key_check(const LocationConfiguration& location) {
    const std::optional<RewriteAnswer>& answer = location.rewrite_answer;
    return answer && (answer->has_content || (!location.types_inherited && !answer->conditional));
}

void warn(ngx_conf_t* cf, const char* format, const LocationWarning& warning) {
    constexpr std::size_t most = 8;
    std::string names;
    for (std::size_t index = 0; index < std::min(warning.names.size(), most); index++) {
        names += (index != 0 ? ", \"" : "\"") + warning.names[index] + "\"";
    }
    if (warning.names.size() > most) {
        names += " and " + std::to_string(warning.names.size() - most) + " more";
    }
    const ngx_str_t shown = same_bytes(names);
    ngx_log_error(NGX_LOG_WARN, cf->log, 0, format, &shown, &warning.line.file, warning.line.line);
}

} // namespace

void collect_warnings(ngx_conf_t* cf, MainConfiguration& main, const LocationConfiguration& location) {
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (skips_key_check(location)) {
        const RewriteAnswer& answer = *location.rewrite_answer;
        ngx_log_error(NGX_LOG_WARN, cf->log, 0, "\"%s\" responds before \"api_key\" checks the key, in %V:%ui", answer.directive,
                      &answer.line.file, answer.line.line);
    }
    const bool is_location = core->name.len != 0 && core->noname == 0; // neither a whole server nor an `if`
    const bool has_no_upstream =
        location.manages || serves_page(location, *core) || (location.rewrite_answer && !location.rewrite_answer->conditional);
    if (!is_location || has_no_upstream) {
        return;
    }
    if (is_free(main, location)) {
        note(main.unmetered_locations, location.types_line, view(core->name));
    }
    if (ignores_models(main, location)) {
        note(main.unscoped_locations, location.types_line, view(core->name));
    }
}

void log_warnings(ngx_conf_t* cf, const MainConfiguration& main) {
    for (const LocationWarning& warning : main.unmetered_locations) {
        warn(cf,
             "requests to %V are not charged, so wallets and monthly limits have no effect: use \"api_key_meter\" with \"api_key_prices\", "
             "or "
             "\"api_key_cost\" (0 if they are meant to be free), next to \"api_key\" in %V:%ui",
             warning);
    }
    for (const LocationWarning& warning : main.unscoped_locations) {
        warn(cf,
             "keys and plans restricted to models are rejected at %V: use \"api_key_model\" (off if requests use no model), next to "
             "\"api_key\" in %V:%ui",
             warning);
    }
}

} // namespace api_key::module
