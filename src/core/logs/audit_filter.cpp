#include "core/logs/audit_filter.h"

#include "core/text/time_text.h"

namespace api_key {

namespace {

std::string_view member(const json_t* entry, const char* name) {
    const json_t* value = json_object_get(entry, name);
    return json_is_string(value) ? text_of(value) : std::string_view();
}

} // namespace

bool AuditFilter::matches(const json_t* entry) const {
    const std::string_view done = member(entry, "action");
    const bool action_matches = action.empty() || done == action || done.starts_with(action + ".");
    const bool key_matches = !key_id || json_integer_value(json_object_get(entry, "keyId")) == static_cast<json_int_t>(*key_id);
    if (!action_matches || !key_matches) {
        return false;
    }
    if (from_ms == 0 && until_ms == 0) {
        return true;
    }
    const std::optional<std::int64_t> at_ms = parse_rfc3339_ms(member(entry, "at"));
    return at_ms && *at_ms >= from_ms && (until_ms == 0 || *at_ms < until_ms);
}

} // namespace api_key
