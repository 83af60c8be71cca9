// The reasons for a refusal, in one table: name, default status, default message, machine code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace api_key {

// Append only: request logs keep these numbers for as long as `api_key_log_keep` says. A new one needs its row in reason.cpp, and its
// counter moves those after it (cache/layout.h).
enum class Reason : std::uint8_t {
    none = 0, // let in
    missing_key = 1,
    multiple_keys = 2,
    invalid_key = 3,
    inactive_key = 4,
    expired_key = 5,
    wrong_key_type = 6,
    ip_not_allowed = 7,
    model_not_allowed = 8,
    rate_limited = 9,
    quota_exceeded = 10,
    key_spend_exceeded = 11,
    wallet_empty = 12,
    ip_blocked = 13,
    request_invalid = 14,
    request_too_large = 15,
    store_unavailable = 16,
    session_ended = 17,
    model_unpriced = 18,
    option_unpriced = 19,
    upgrade_refused = 20,
};

inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::upgrade_refused) + 1; // `none` included

struct ReasonInfo {
    std::string_view name;    // as in `api_key_error` and $api_key_result; `ok` for none
    std::uint16_t status;     // HTTP
    std::string_view message; // default, for people
    std::string_view
        code; // for programs: the name, or the documented one (`api_key_quota_exceeded`, `billing_shortfall`, `invalid_api_key`)
};

const ReasonInfo& info(Reason reason);

// The name of a stored number; `other` if it is none of these, because a later version wrote it.
std::string_view reason_name(std::uint8_t stored);
std::optional<Reason> reason_from_name(std::string_view name); // never `none`

} // namespace api_key
