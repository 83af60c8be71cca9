// Numbers as decimal text, and nothing else.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace api_key {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

inline std::optional<std::uint64_t> whole_number(std::string_view text) {
    return number_in<std::uint64_t>(text);
}

inline std::optional<std::int64_t> signed_number(std::string_view text) {
    return number_in<std::int64_t>(text);
}

} // namespace api_key
