#include "core/policy/reason.h"

namespace api_key {

namespace {

constexpr std::array<ReasonInfo, reason_count> reasons{{
    {"ok", 200, "", ""},
    {"missing_key", 401, "Missing API Key", "missing_key"},
    {"multiple_keys", 400, "More than one API key was sent", "multiple_keys"},
    {"invalid_key", 401, "Invalid API Key", "invalid_api_key"},
    {"inactive_key", 403, "Inactive API Key", "inactive_key"},
    {"expired_key", 401, "Expired API Key", "expired_key"},
    {"wrong_key_type", 403, "This kind of API key cannot be used here", "wrong_key_type"},
    {"ip_not_allowed", 403, "This API key cannot be used from this address", "ip_not_allowed"},
    {"model_not_allowed", 403, "Model not allowed for this API key", "model_not_allowed"},
    {"rate_limited", 429, "You exceeded the per-second rate limit on your subscription", "rate_limited"},
    {"quota_exceeded", 429, "Rate limit exceeded: quota daily", "quota_exceeded"},
    {"key_spend_exceeded", 402, "api_key_quota_exceeded", "api_key_quota_exceeded"},
    {"wallet_empty", 402, "billing_shortfall", "billing_shortfall"},
    {"ip_blocked", 403, "IP temporarily blocked", "ip_blocked"},
    {"request_invalid", 400, "The request body could not be read", "request_invalid"},
    {"request_too_large", 413, "The request body is too large", "request_too_large"},
    {"store_unavailable", 503, "API key service unavailable", "store_unavailable"},
    {"session_ended", 401, "The session has ended: sign in again", "session_ended"},
    {"model_unpriced", 404, "This model is not available here", "model_unpriced"},
    {"option_unpriced", 403, "An option of this request is not available here", "option_unpriced"},
    {"upgrade_refused", 426, "Connections cannot be upgraded here", "upgrade_refused"},
}};

} // namespace

const ReasonInfo& info(Reason reason) {
    return reasons[static_cast<std::size_t>(reason)];
}

std::optional<Reason> reason_from_name(std::string_view name) {
    for (std::size_t index = 1; index < reasons.size(); index++) {
        if (reasons[index].name == name) {
            return static_cast<Reason>(index);
        }
    }
    return std::nullopt;
}

} // namespace api_key
