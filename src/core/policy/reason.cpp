#include "core/policy/reason.h"

namespace api_key {

namespace {

struct Row {
    Reason reason;
    ReasonInfo info;
};

constexpr std::array<Row, reason_count> reasons{{
    {Reason::none, {"ok", 200, "", ""}},
    {Reason::missing_key, {"missing_key", 401, "Missing API Key", "missing_key"}},
    {Reason::multiple_keys, {"multiple_keys", 400, "More than one API key was sent", "multiple_keys"}},
    {Reason::invalid_key, {"invalid_key", 401, "Invalid API Key", "invalid_api_key"}},
    {Reason::inactive_key, {"inactive_key", 403, "Inactive API Key", "inactive_key"}},
    {Reason::expired_key, {"expired_key", 401, "Expired API Key", "expired_key"}},
    {Reason::wrong_key_type, {"wrong_key_type", 403, "This kind of API key cannot be used here", "wrong_key_type"}},
    {Reason::ip_not_allowed, {"ip_not_allowed", 403, "This API key cannot be used from this address", "ip_not_allowed"}},
    {Reason::model_not_allowed, {"model_not_allowed", 403, "Model not allowed for this API key", "model_not_allowed"}},
    {Reason::rate_limited, {"rate_limited", 429, "You exceeded the per-second rate limit on your subscription", "rate_limited"}},
    {Reason::quota_exceeded, {"quota_exceeded", 429, "Rate limit exceeded: quota daily", "quota_exceeded"}},
    {Reason::key_spend_exceeded, {"key_spend_exceeded", 402, "api_key_quota_exceeded", "api_key_quota_exceeded"}},
    {Reason::wallet_empty, {"wallet_empty", 402, "billing_shortfall", "billing_shortfall"}},
    {Reason::ip_blocked, {"ip_blocked", 403, "IP temporarily blocked", "ip_blocked"}},
    {Reason::request_invalid, {"request_invalid", 400, "The request body could not be read", "request_invalid"}},
    {Reason::request_too_large, {"request_too_large", 413, "The request body is too large", "request_too_large"}},
    {Reason::store_unavailable, {"store_unavailable", 503, "API key service unavailable", "store_unavailable"}},
    {Reason::session_ended, {"session_ended", 401, "The session has ended: sign in again", "session_ended"}},
    {Reason::model_unpriced, {"model_unpriced", 404, "This model is not available here", "model_unpriced"}},
    {Reason::option_unpriced, {"option_unpriced", 403, "An option of this request is not available here", "option_unpriced"}},
    {Reason::upgrade_refused, {"upgrade_refused", 426, "Connections cannot be upgraded here", "upgrade_refused"}},
}};

static_assert(
    [] {
        for (std::size_t index = 0; index < reason_count; index++) {
            if (reasons[index].reason != static_cast<Reason>(index)) {
                return false;
            }
        }
        return true;
    }(),
    "each reason has its row, in the order of their numbers");

} // namespace

const ReasonInfo& info(Reason reason) {
    return reasons[static_cast<std::size_t>(reason)].info;
}

std::string_view reason_name(std::uint8_t stored) {
    return stored < reason_count ? reasons[stored].info.name : "other";
}

std::optional<Reason> reason_from_name(std::string_view name) {
    for (std::size_t index = 1; index < reasons.size(); index++) {
        if (reasons[index].info.name == name) {
            return static_cast<Reason>(index);
        }
    }
    return std::nullopt;
}

} // namespace api_key
