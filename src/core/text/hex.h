// One hexadecimal digit.
#pragma once

namespace api_key {

// 0 to 15; -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace api_key
