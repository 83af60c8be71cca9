#include "core/text/money.h"

#include <charconv>
#include <limits>

namespace api_key {

namespace {

constexpr int credit_decimals = 6;

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
            if (!is_digit(decimal[index]) || places == credit_decimals) {
                return std::nullopt;
            }
            micro = micro * 10 + (decimal[index] - '0');
        }
    }
    for (; places < credit_decimals; places++) {
        micro *= 10;
    }
    return micro <= money_max_micro ? std::optional(micro) : std::nullopt;
}

namespace {

// digits × 10^shift; `rest`: the number is slightly larger.
struct Decimal {
    std::int64_t digits = 0;
    std::int64_t shift = 0;
    bool rest = false;
};

// Nothing if it is not a number, or has more digits before its point than any amount.
std::optional<Decimal> read_decimal(std::string_view text) {
    constexpr std::int64_t max_digits = std::numeric_limits<std::int64_t>::max() / 100;
    Decimal decimal;
    bool in_fraction = false;
    std::size_t index = 0;
    for (; index < text.size() && (is_digit(text[index]) || (text[index] == '.' && !in_fraction)); index++) {
        if (text[index] == '.') {
            in_fraction = true;
        } else if (decimal.digits <= max_digits) {
            decimal.digits = decimal.digits * 10 + (text[index] - '0');
            decimal.shift -= in_fraction ? 1 : 0;
        } else if (in_fraction) {
            decimal.rest = decimal.rest || text[index] != '0';
        } else {
            return std::nullopt;
        }
    }
    if (index == 0 || !is_digit(text[index - 1]) || !is_digit(text[0])) {
        return std::nullopt;
    }
    if (index < text.size() && (text[index] == 'e' || text[index] == 'E')) {
        index += index + 1 < text.size() && text[index + 1] == '+' ? 2 : 1;
        int exponent = 0;
        const auto [end, error] = std::from_chars(text.data() + index, text.data() + text.size(), exponent);
        if (error != std::errc{} || exponent < -100 || exponent > 100) {
            return std::nullopt;
        }
        decimal.shift += exponent;
        index = static_cast<std::size_t>(end - text.data());
    }
    return index == text.size() ? std::optional(decimal) : std::nullopt;
}

} // namespace

std::optional<std::int64_t> scaled_decimal(std::string_view number, int decimals, std::int64_t most) {
    std::optional<Decimal> decimal = read_decimal(number);
    if (!decimal) {
        return std::nullopt;
    }
    for (decimal->shift += decimals; decimal->shift > 0 && decimal->digits != 0; decimal->shift--) {
        if (decimal->digits > most) {
            return std::nullopt;
        }
        decimal->digits *= 10;
    }
    for (; decimal->shift < 0 && decimal->digits != 0; decimal->shift++) {
        decimal->rest = decimal->rest || decimal->digits % 10 != 0;
        decimal->digits /= 10;
    }
    decimal->digits += decimal->rest ? 1 : 0;
    return decimal->digits <= most ? std::optional(decimal->digits) : std::nullopt;
}

std::string format_micro_credits(std::int64_t micro_credits) {
    const bool negative = micro_credits < 0;
    std::uint64_t rest = negative ? 0 - static_cast<std::uint64_t>(micro_credits) : static_cast<std::uint64_t>(micro_credits);
    std::string text = std::to_string(rest % micro_credits_per_credit);
    text.insert(0, static_cast<std::size_t>(credit_decimals) - text.size(), '0');
    rest /= micro_credits_per_credit;
    return (negative ? "-" : "") + std::to_string(rest) + '.' + text;
}

} // namespace api_key
