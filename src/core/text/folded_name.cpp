#include "core/text/folded_name.h"

#include <algorithm>
#include <array>

#include "core/text/ascii.h"

namespace api_key {

namespace {

struct Letter {
    std::string_view utf8;
    char ascii;
};

constexpr std::array<Letter, 4> letters{{
    {"\u017f", 's'},
    {"\u212a", 'k'},
    {"\u0131", 'i'},
    {"\u0130", 'i'},
}};

} // namespace

std::string folded_name(std::string_view name) {
    std::string folded;
    name = name.substr(0, name.find('\0'));
    while (!name.empty()) {
        const auto letter = std::find_if(letters.begin(), letters.end(), [&](const Letter& one) { return name.starts_with(one.utf8); });
        folded += letter != letters.end() ? letter->ascii : to_lower(name.front());
        name.remove_prefix(letter != letters.end() ? letter->utf8.size() : 1);
    }
    return folded;
}

} // namespace api_key
