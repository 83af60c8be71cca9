#include "core/policy/decision.h"

namespace api_key {

bool is_expired(const RecordView& record, std::int64_t now_ms) {
    return record.expires_ms != 0 && record.expires_ms <= now_ms;
}

std::optional<Reason> decide(const DecisionInput& input) {
    if (input.address_blocked) {
        return Reason::ip_blocked;
    }
    if (input.credentials == 0) {
        return Reason::missing_key;
    }
    if (input.credentials > 1) {
        return Reason::multiple_keys;
    }
    if (!input.well_formed) {
        return Reason::invalid_key;
    }
    switch (input.store) {
    case StoreAnswer::not_asked:
        return std::nullopt;
    case StoreAnswer::unavailable:
        return Reason::store_unavailable;
    case StoreAnswer::unknown:
        return Reason::invalid_key;
    case StoreAnswer::found:
        break;
    }
    const RecordView& record = *input.record;
    if (!record.active) {
        return Reason::inactive_key;
    }
    if (is_expired(record, input.now_ms)) {
        return Reason::expired_key;
    }
    if (!input.type_is_allowed || record.type != input.declared_type) {
        return Reason::wrong_key_type;
    }
    if (!record.allowed_ips.empty() && (!input.address || !any_contains(record.allowed_ips, *input.address))) {
        return Reason::ip_not_allowed;
    }
    return Reason::none;
}

} // namespace api_key
