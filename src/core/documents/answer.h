// The body of a refusal in the five shapes the SDKs know, and what its headers must say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/policy/reason.h"

namespace api_key {

enum class ErrorFormat : std::uint8_t { automatic, simple, openai, anthropic, gemini, problem };

std::optional<ErrorFormat> error_format_from_name(std::string_view name); // `auto` → automatic

struct LimitDetail {
    std::string_view name; // `daily`
    std::int64_t used;
    std::int64_t cap;
};

struct SpendDetail {
    std::string_view name; // `monthlyLimit`
    std::int64_t used_micro_credits;
    std::int64_t cap_micro_credits;
    std::int64_t needed_micro_credits; // of the request
};

struct Answer {
    std::uint16_t status = 500;
    std::string_view message;             // any bytes; invalid UTF-8 is replaced
    std::string_view code;                // machine-readable; empty: none
    std::string_view param;               // JSON field at fault; empty: null / left out
    std::string_view request_id;          // empty: left out
    std::optional<LimitDetail> limit;     // the limit that refuses
    std::optional<SpendDetail> spend;     // the same for money
    std::optional<std::int64_t> reset_ms; // when the limit has room again; RFC 3339
};

// One line of JSON without a trailing newline. A limit adds the members limit, used, cap and reset beside the message.
//   automatic  {"error":"…"}
//   simple     {"error":"…"} and nothing more, whatever the reason
//   openai     {"error":{"message","type","param","code"}}
//   anthropic  {"type":"error","error":{"type","message"},"request_id"}
//   gemini     {"error":{"code":401,"message","status"}}
//   problem    RFC 9457: type about:blank, title, status, detail, and code, param, request_id as extensions
std::string render(ErrorFormat format, const Answer& answer);

// `application/json`, or `application/problem+json` for problem.
std::string_view content_type(ErrorFormat format);

// The WWW-Authenticate of a 401 (RFC 6750): a client without a key is not told that its key was wrong.
std::string_view challenge(Reason reason);

} // namespace api_key
