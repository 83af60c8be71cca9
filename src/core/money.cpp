#include "core/money.h"

namespace api_key {

namespace {

constexpr int decimals = 6;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

std::optional<std::int64_t> parse_micro_credits(std::string_view decimal) {
    std::int64_t micro = 0;
    std::size_t index = 0;
    for (; index < decimal.size() && is_digit(decimal[index]); index++) {
        micro = micro * 10 + (decimal[index] - '0');
        if (micro > money_max_micro / micro_credits_per_credit) {
            return std::nullopt;
        }
    }
    if (index == 0) {
        return std::nullopt;
    }
    int places = 0;
    if (index < decimal.size()) {
        if (decimal[index++] != '.' || index == decimal.size()) {
            return std::nullopt;
        }
        for (; index < decimal.size(); index++, places++) {
            if (!is_digit(decimal[index]) || places == decimals) {
                return std::nullopt;
            }
            micro = micro * 10 + (decimal[index] - '0');
        }
    }
    for (; places < decimals; places++) {
        micro *= 10;
    }
    return micro <= money_max_micro ? std::optional(micro) : std::nullopt;
}

std::string format_micro_credits(std::int64_t micro_credits) {
    const bool negative = micro_credits < 0;
    std::uint64_t rest = negative ? 0 - static_cast<std::uint64_t>(micro_credits) : static_cast<std::uint64_t>(micro_credits);
    std::string text = std::to_string(rest % micro_credits_per_credit);
    text.insert(0, static_cast<std::size_t>(decimals) - text.size(), '0');
    rest /= micro_credits_per_credit;
    return (negative ? "-" : "") + std::to_string(rest) + '.' + text;
}

} // namespace api_key
