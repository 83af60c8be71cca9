// How many requests a key may still make: its own quotas over rolling windows, and its account's rates by the plan.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/policy/record.h"

namespace api_key {

// In the order in which they are checked.
enum class Window : std::uint8_t { second, minute, total, daily, weekly, monthly };

inline constexpr std::size_t window_count = 6;
inline constexpr std::array<Window, window_count> all_windows{Window::second, Window::minute, Window::total,
                                                              Window::daily,  Window::weekly, Window::monthly};

// Requests per account: the rates of its plan; nothing = no limit.
struct Rates {
    std::optional<std::int64_t> per_second;
    std::optional<std::int64_t> per_minute;
    bool operator==(const Rates&) const = default;
};

// Requests per window, by Window; nothing = no limit.
using Limits = std::array<std::optional<std::int64_t>, window_count>;
Limits limits_of(const Quotas& quotas, const Rates& rates);

std::string_view window_name(Window window); // `second`, `daily` …
std::int64_t window_length_s(Window window); // 0 for `total`, which never ends
inline bool is_rate(Window window) {
    return window == Window::second || window == Window::minute;
}

// How one limit stands.
struct WindowState {
    std::int64_t limit = 0;    // 0: there is no such limit
    std::int64_t used = 0;     // may be more than the limit after that was lowered
    std::int64_t reset_ms = 0; // the store's clock when requests come back; 0: never, or nothing is used
    std::int64_t remaining() const { return limit > used ? limit - used : 0; }
};
using WindowStates = std::array<WindowState, window_count>; // by Window

// Why a limit refuses, for people: `Rate limit exceeded: quota daily`.
std::string_view refusal_message(Window window);

// RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers, the tightest first; empty where there is no limit.
std::string rate_limit_policy(const WindowStates& states);
std::string rate_limit(const WindowStates& states, std::int64_t now_ms);

// Whole seconds until `reset_ms`, rounded up, at least 1. Nothing when that is never, or so far off that no client should wait (60 s).
std::optional<std::int64_t> retry_after_s(std::int64_t reset_ms, std::int64_t now_ms);

} // namespace api_key
