#include "core/policy/limits.h"

#include <algorithm>

namespace api_key {

namespace {

constexpr std::int64_t max_wait_s = 60;

std::int64_t seconds_until(std::int64_t time_ms, std::int64_t now_ms) {
    return std::max<std::int64_t>((time_ms - now_ms + 999) / 1000, 0);
}

// Fewest requests left first; among equals, the longest window first.
std::array<Window, window_count> tightest_first(const WindowStates& states) {
    std::array<Window, window_count> order = all_windows;
    std::stable_sort(order.begin(), order.end(), [&](Window a, Window b) {
        const WindowState& left = states[static_cast<std::size_t>(a)];
        const WindowState& right = states[static_cast<std::size_t>(b)];
        return left.remaining() != right.remaining() ? left.remaining() < right.remaining() : info(a).length_ms > info(b).length_ms;
    });
    return order;
}

template <class Append>
std::string list_of(const WindowStates& states, Append append) {
    std::string text;
    for (const Window window : tightest_first(states)) {
        const WindowState& state = states[static_cast<std::size_t>(window)];
        if (state.limit != 0) {
            text += text.empty() ? "\"" : ", \"";
            text += info(window).name;
            text += '"';
            append(text, window, state);
        }
    }
    return text;
}

} // namespace

Limits limits_of(const Quotas& quotas, const Rates& rates) {
    Limits limits;
    for (const WindowInfo& window : windows) {
        limits[static_cast<std::size_t>(window.window)] = window.rate != nullptr ? rates.*window.rate : quotas.*window.quota;
    }
    return limits;
}

std::string rate_limit_policy(const WindowStates& states) {
    return list_of(states, [](std::string& text, Window window, const WindowState& state) {
        text += ";q=" + std::to_string(state.limit);
        if (is_rolling(window)) {
            text += ";w=" + std::to_string(info(window).length_ms / 1000);
        }
    });
}

std::string rate_limit(const WindowStates& states, std::int64_t now_ms) {
    return list_of(states, [now_ms](std::string& text, Window, const WindowState& state) {
        text += ";r=" + std::to_string(state.remaining());
        if (state.reset_ms != 0) {
            text += ";t=" + std::to_string(seconds_until(state.reset_ms, now_ms));
        }
    });
}

std::optional<std::int64_t> retry_after_s(std::int64_t reset_ms, std::int64_t now_ms) {
    const std::int64_t wait_s = std::max<std::int64_t>(seconds_until(reset_ms, now_ms), 1);
    return reset_ms == 0 || wait_s > max_wait_s ? std::nullopt : std::optional(wait_s);
}

} // namespace api_key
