// Money is a whole number of micro-credits (1e-6 credit); text is decimal. Never a float.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api_key {

inline constexpr std::int64_t micro_credits_per_credit = 1'000'000;
inline constexpr std::int64_t money_max_micro = 1'000'000'000'000'000;   // 1e9 credits
inline constexpr std::int64_t max_balance_micro = 9'000'000'000'000'000; // 9e9 credits, the same as in shared/wallet.lua

// `25`, `25.5`, `0.000001`. Nothing for a sign, an exponent, more than six decimals, or more than 1e9 credits.
std::optional<std::int64_t> parse_micro_credits(std::string_view decimal);

// `0.000285`, `2.85e-05`: the number times ten to the power of `decimals`, rounded up. Nothing for a leading sign, a result above `most`,
// or any other text.
std::optional<std::int64_t> scaled_decimal(std::string_view number, int decimals, std::int64_t most);

// The same in micro-credits.
inline std::optional<std::int64_t> micro_credits_rounded_up(std::string_view number) {
    return scaled_decimal(number, 6, money_max_micro);
}

std::string format_micro_credits(std::int64_t micro_credits); // always six decimals: `25.000000`; `-0.500000`

} // namespace api_key
