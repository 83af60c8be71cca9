// Makes text from outside fit for a log or an answer.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace api_key {

// At most 200 characters, without spaces at the end; `?` stands for what is not printable ASCII.
inline std::string printable(std::string_view text) {
    constexpr std::size_t longest = 200;
    std::string result(text.substr(0, std::min(longest, text.find_last_not_of(' ') + 1)));
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return result;
}

} // namespace api_key
