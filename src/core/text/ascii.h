// ASCII text: case-insensitive comparison and trimming.
#pragma once

#include <algorithm>
#include <string_view>

namespace api_key {

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool equal_in_any_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) { return to_lower(one) == to_lower(other); });
}

constexpr bool starts_in_any_case(std::string_view text, std::string_view beginning) {
    return text.size() >= beginning.size() && equal_in_any_case(text.substr(0, beginning.size()), beginning);
}

constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    const std::size_t end = text.find_last_not_of(blanks) + 1;
    return text.substr(begin, end > begin ? end - begin : 0);
}

} // namespace api_key
