// Why a request was not let in. One table: name, default status, default message, machine code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace api_key {

// Append only: request logs keep these numbers for as long as `api_key_log_keep` says.
enum class Reason : std::uint8_t {
    none, // let in
    missing_key,
    multiple_keys,
    invalid_key,
    inactive_key,
    expired_key,
    wrong_key_type,
    ip_not_allowed,
    model_not_allowed,
    rate_limited,
    quota_exceeded,
    key_spend_exceeded,
    wallet_empty,
    ip_blocked,
    request_invalid,
    request_too_large,
    store_unavailable,
    session_ended,
    model_unpriced,
    option_unpriced,
    upgrade_refused,
};

inline constexpr std::size_t reason_count = 21; // `none` included

struct ReasonInfo {
    std::string_view name;    // as in `api_key_error` and $api_key_result; `ok` for none
    std::uint16_t status;     // HTTP
    std::string_view message; // default, for people
    std::string_view
        code; // for programs: the name, or the documented one (`api_key_quota_exceeded`, `billing_shortfall`, `invalid_api_key`)
};

const ReasonInfo& info(Reason reason);
std::optional<Reason> reason_from_name(std::string_view name); // never `none`

} // namespace api_key
