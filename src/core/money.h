// Money is a whole number of micro-credits (1e-6 credit); text is decimal. Never a float.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api_key {

inline constexpr std::int64_t micro_credits_per_credit = 1'000'000;
inline constexpr std::int64_t money_max_micro = 1'000'000'000'000'000; // 1e9 credits

// `25`, `25.5`, `0.000001`. Nothing for a sign, an exponent, more than six decimals, or more than 1e9 credits.
std::optional<std::int64_t> parse_micro_credits(std::string_view decimal);

std::string format_micro_credits(std::int64_t micro_credits); // always six decimals: `25.000000`; `-0.500000`

} // namespace api_key
