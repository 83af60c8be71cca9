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

// Requests per account: the rates of its plan; nothing = no limit.
struct Rates {
    std::optional<std::int64_t> per_second;
    std::optional<std::int64_t> per_minute;
    bool operator==(const Rates&) const = default;
};

// In the order in which they are checked. The numbers are part of shared memory and of grant.lua's answers.
enum class Window : std::uint8_t { second = 0, minute = 1, total = 2, daily = 3, weekly = 4, monthly = 5 };

struct WindowInfo {
    Window window;
    std::string_view name;    // for a quota, also the name of the key's field
    std::int64_t length_ms;   // 0: it never ends
    std::int64_t bucket_ms;   // requests are counted in buckets and return at most so much late; 0: never
    std::uint32_t charge_bit; // where the store counts: the same for windows that share buckets; quotas are all counted at 4 too
    std::string_view ring;    // what scripts call these buckets; empty: the key's own count
    std::string_view message;
    std::optional<std::int64_t> Rates::*rate; // which limit it is: one of the account's plan, or one of the key
    std::optional<std::int64_t> Quotas::*quota;
};

// One row for each window, passed to the scripts by store/window_table.cpp. The ring names and their bucket widths are part of the stored
// data: a change there needs a new name.
inline constexpr std::array<WindowInfo, 6> windows{{
    {Window::second, "second", 1'000, 100, 1, "second", "You exceeded the per-second rate limit on your subscription", &Rates::per_second,
     nullptr},
    {Window::minute, "minute", 60'000, 1'000, 2, "minute", "You exceeded the per-minute rate limit on your subscription",
     &Rates::per_minute, nullptr},
    {Window::total, "total", 0, 0, 4, "", "Rate limit exceeded: quota total", nullptr, &Quotas::total},
    {Window::daily, "daily", 86'400'000, 300'000, 8, "day", "Rate limit exceeded: quota daily", nullptr, &Quotas::daily},
    {Window::weekly, "weekly", 7 * 86'400'000LL, 3'600'000, 16, "hour", "Rate limit exceeded: quota weekly", nullptr, &Quotas::weekly},
    {Window::monthly, "monthly", 30 * 86'400'000LL, 3'600'000, 16, "hour", "Rate limit exceeded: quota monthly", nullptr, &Quotas::monthly},
}};

inline constexpr std::size_t window_count = windows.size();
inline constexpr std::array<Window, window_count> all_windows = [] {
    std::array<Window, window_count> all{};
    for (std::size_t index = 0; index < window_count; index++) {
        all[index] = windows[index].window;
    }
    return all;
}();

constexpr const WindowInfo& info(Window window) {
    return windows[static_cast<std::size_t>(window)];
}

inline constexpr std::size_t rate_count = 2; // rates come first

constexpr bool is_rate(Window window) {
    return static_cast<std::size_t>(window) < rate_count;
}

constexpr bool is_rolling(Window window) {
    return info(window).length_ms != 0;
}

// The number of buckets that lie in a window at least in part.
constexpr std::int64_t bucket_count(Window window) {
    return info(window).length_ms / info(window).bucket_ms + 1;
}

constexpr std::size_t count_rolling(bool rates) {
    std::size_t count = 0;
    for (const WindowInfo& one : windows) {
        count += is_rolling(one.window) && is_rate(one.window) == rates ? 1 : 0;
    }
    return count;
}

// The index of a rolling window among the rates, or among the quotas.
inline constexpr std::array<std::size_t, window_count> reset_slots = [] {
    std::array<std::size_t, window_count> slots{};
    std::array<std::size_t, 2> next{};
    for (std::size_t index = 0; index < window_count; index++) {
        slots[index] = windows[index].length_ms != 0 ? next[windows[index].rate != nullptr ? 1 : 0]++ : 0;
    }
    return slots;
}();

constexpr std::size_t reset_slot(Window window) {
    return reset_slots[static_cast<std::size_t>(window)];
}

static_assert(
    [] {
        for (std::size_t index = 0; index < window_count; index++) {
            const WindowInfo& one = windows[index];
            if (one.window != static_cast<Window>(index) || (one.rate == nullptr) == (one.quota == nullptr) ||
                (one.rate != nullptr) != (index < rate_count)) {
                return false;
            }
            for (const WindowInfo& other : windows) {
                if ((one.charge_bit == other.charge_bit) != (one.ring == other.ring) ||
                    (one.ring == other.ring && one.bucket_ms != other.bucket_ms)) {
                    return false;
                }
            }
        }
        return true;
    }(),
    "a row stands at its number, limits either a rate or, after those, a quota; windows of the same ring have its bit and its width");

// Requests per window, by Window; nothing = no limit.
using Limits = std::array<std::optional<std::int64_t>, window_count>;
Limits limits_of(const Quotas& quotas, const Rates& rates);

inline std::string_view window_name(Window window) { // `second`, `daily` …
    return info(window).name;
}

// The state of one limit.
struct WindowState {
    std::int64_t limit = 0;    // 0: there is no such limit
    std::int64_t used = 0;     // may be more than the limit after that was lowered
    std::int64_t reset_ms = 0; // the store's clock when requests return; 0: never, or nothing is used
    std::int64_t remaining() const { return limit > used ? limit - used : 0; }
};
using WindowStates = std::array<WindowState, window_count>; // by Window

// The message when a limit refuses: `Rate limit exceeded: quota daily`.
inline std::string_view refusal_message(Window window) {
    return info(window).message;
}

// RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers, the tightest first; empty where there is no limit.
std::string rate_limit_policy(const WindowStates& states);
std::string rate_limit(const WindowStates& states, std::int64_t now_ms);

// Whole seconds until `reset_ms`, rounded up, at least 1. Nothing when that is never, or so far off that no client should wait (60 s).
std::optional<std::int64_t> retry_after_s(std::int64_t reset_ms, std::int64_t now_ms);

} // namespace api_key
