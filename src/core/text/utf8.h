// UTF-8, as far as names and messages need it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace api_key {

// The length of the valid character at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text);

std::string replace_invalid_utf8(std::string_view text);

// Valid UTF-8 without control characters (C0, DEL, C1).
bool is_plain_text(std::string_view text);

} // namespace api_key
