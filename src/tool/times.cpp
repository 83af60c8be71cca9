#include "tool/times.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "core/text/number.h"
#include "core/text/time_text.h"
#include "tool/session.h"

namespace api_key::tool {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t max_duration_s = 100 * 366 * day_s;

constexpr std::array<std::pair<char, std::int64_t>, 5> units{{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', day_s}, {'w', 7 * day_s}}};

std::optional<std::int64_t> seconds_of(char unit) {
    for (const auto& [name, seconds] : units) {
        if (name == unit) {
            return seconds;
        }
    }
    return std::nullopt;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::int64_t> day_named(std::string_view text, std::int64_t now_ms) {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> days{{{"yesterday", -1}, {"today", 0}, {"tomorrow", 1}}};
    for (const auto& [name, distance] : days) {
        if (text == name) {
            return (now_ms / 1000 / day_s + distance) * day_s * 1000;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::int64_t> duration_s(std::string_view text) {
    if (is_number(text)) {
        const std::optional<std::uint64_t> seconds = whole_number(text);
        return seconds && *seconds <= max_duration_s ? std::optional(static_cast<std::int64_t>(*seconds)) : std::nullopt;
    }
    std::int64_t sum_s = 0;
    for (std::int64_t larger_s = max_duration_s; !text.empty();) {
        const std::size_t digits = text.find_first_not_of("0123456789");
        const std::optional<std::uint64_t> count =
            digits == 0 || digits == std::string_view::npos ? std::nullopt : whole_number(text.substr(0, digits));
        const std::optional<std::int64_t> unit_s = count ? seconds_of(text[digits]) : std::nullopt;
        if (!unit_s || *unit_s >= larger_s || *count > static_cast<std::uint64_t>((max_duration_s - sum_s) / *unit_s)) {
            return std::nullopt;
        }
        sum_s += static_cast<std::int64_t>(*count) * *unit_s;
        larger_s = *unit_s;
        text.remove_prefix(digits + 1);
    }
    return sum_s == 0 ? std::nullopt : std::optional(sum_s);
}

std::optional<std::int64_t> moment_ms(std::string_view text, Side side, std::int64_t now_ms) {
    if (text == "now") {
        return now_ms;
    }
    if (const std::optional<std::int64_t> day_ms = day_named(text, now_ms)) {
        return day_ms;
    }
    // A plain number would as well be a time since 1970.
    if (const std::optional<std::int64_t> distance_s = is_number(text) ? std::nullopt : duration_s(text)) {
        return now_ms + (side == Side::past ? -*distance_s : *distance_s) * 1000;
    }
    constexpr std::size_t date_size = 10;
    return parse_rfc3339_ms(text.size() == date_size ? std::string(text) + "T00:00:00Z" : std::string(text));
}

CLI::Validator duration(std::int64_t least_s, std::int64_t most_s) {
    return CLI::Validator(
        [least_s, most_s](std::string& text) {
            const std::optional<std::int64_t> seconds = duration_s(text);
            if (!seconds || *seconds < least_s || *seconds > most_s) {
                return fmt::format("expected a duration such as 30s, 15m, 1h or 7d, from {} to {} seconds", least_s, most_s);
            }
            text = std::to_string(*seconds);
            return std::string();
        },
        "DURATION");
}

std::int64_t time_or_none(const char* option, const std::string& text) {
    if (text.empty()) {
        return 0;
    }
    const std::optional<std::int64_t> time_ms = moment_ms(text, Side::past, clock_ms());
    if (!time_ms) {
        fail(exit_usage,
             fmt::format("{}: expected an RFC 3339 time such as 2030-12-31T00:00:00Z, a date, 1h, 24h, 7d, today or yesterday", option));
    }
    return *time_ms;
}

void add_time_options(CLI::App& command, std::string& from, std::string& to) {
    command.add_option("--from", from, "only after this: 1h, 7d, yesterday, a date or an RFC 3339 time")->type_name("TIME");
    command.add_option("--to", to, "only before this; likewise")->type_name("TIME");
}

} // namespace api_key::tool
