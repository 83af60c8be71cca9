// Splits text at a character.
#pragma once

#include <algorithm>
#include <string_view>

namespace api_key {

// Returns the text before the separator, or all of it, and removes it and the separator from `text`.
inline std::string_view next_part(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

} // namespace api_key
