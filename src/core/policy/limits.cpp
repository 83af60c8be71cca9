#include "core/policy/limits.h"

#include <algorithm>

namespace api_key {

namespace {

struct WindowInfo {
    std::string_view name;
    std::int64_t length_s;
    std::string_view message;
};

constexpr std::array<WindowInfo, window_count> windows{{
    {"second", 1, "You exceeded the per-second rate limit on your subscription"},
    {"minute", 60, "You exceeded the per-minute rate limit on your subscription"},
    {"total", 0, "Rate limit exceeded: quota total"},
    {"daily", 86'400, "Rate limit exceeded: quota daily"},
    {"weekly", 7 * 86'400, "Rate limit exceeded: quota weekly"},
    {"monthly", 30 * 86'400, "Rate limit exceeded: quota monthly"},
}};

constexpr std::int64_t longest_wait_s = 60;

const WindowInfo& info(Window window) {
    return windows[static_cast<std::size_t>(window)];
}

std::int64_t seconds_until(std::int64_t time_ms, std::int64_t now_ms) {
    return std::max<std::int64_t>((time_ms - now_ms + 999) / 1000, 0);
}

// Fewest requests left first; of those, the longest to wait for more.
std::array<Window, window_count> tightest_first(const WindowStates& states) {
    std::array<Window, window_count> order = all_windows;
    std::stable_sort(order.begin(), order.end(), [&](Window a, Window b) {
        const WindowState& left = states[static_cast<std::size_t>(a)];
        const WindowState& right = states[static_cast<std::size_t>(b)];
        return left.remaining() != right.remaining() ? left.remaining() < right.remaining() : info(a).length_s > info(b).length_s;
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
    return {rates.per_second, rates.per_minute, quotas.total, quotas.daily, quotas.weekly, quotas.monthly};
}

std::string_view window_name(Window window) {
    return info(window).name;
}

std::int64_t window_length_s(Window window) {
    return info(window).length_s;
}

std::string_view refusal_message(Window window) {
    return info(window).message;
}

std::string rate_limit_policy(const WindowStates& states) {
    return list_of(states, [](std::string& text, Window window, const WindowState& state) {
        text += ";q=" + std::to_string(state.limit);
        if (const std::int64_t length_s = info(window).length_s; length_s != 0) {
            text += ";w=" + std::to_string(length_s);
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
    return reset_ms == 0 || wait_s > longest_wait_s ? std::nullopt : std::optional(wait_s);
}

} // namespace api_key
