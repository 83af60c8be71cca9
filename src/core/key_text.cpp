#include "core/key_text.h"

#include <algorithm>
#include <array>

namespace api_key {

namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The reflected CRC-32 of zlib and Ethernet.
constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); byte++) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xedb8'8320U : 0U);
        }
        table[byte] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> crc_table = make_crc_table();

std::uint32_t crc32(std::string_view text) {
    std::uint32_t value = 0xffff'ffffU;
    for (const char c : text) {
        value = (value >> 8U) ^ crc_table[(value ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return ~value;
}

std::array<char, key_checksum_length> checksum(std::string_view text) {
    std::array<char, key_checksum_length> result{};
    std::uint32_t value = crc32(text);
    for (auto digit = result.rbegin(); digit != result.rend(); ++digit) {
        *digit = digits[value % digits.size()];
        value /= static_cast<std::uint32_t>(digits.size());
    }
    return result;
}

} // namespace

bool is_base62(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_key_prefix(std::string_view prefix) {
    return !prefix.empty() && prefix.size() <= key_prefix_max_length &&
           std::all_of(prefix.begin(), prefix.end(), [](char c) { return is_base62(c) || c == '_' || c == '-'; });
}

bool is_key_text(std::string_view text, std::string_view prefix) {
    if (text.size() != prefix.size() + key_body_length || !text.starts_with(prefix)) {
        return false;
    }
    const std::string_view body = text.substr(prefix.size());
    if (!std::all_of(body.begin(), body.end(), is_base62)) {
        return false;
    }
    const auto expected = checksum(text.substr(0, text.size() - key_checksum_length));
    return body.substr(key_random_length) == std::string_view(expected.data(), expected.size());
}

std::optional<std::string> make_key_text(std::string_view prefix, RandomSource random) {
    constexpr unsigned unbiased = 256 / 62 * 62; // bytes from here on would favour the first digits
    std::string text(prefix);
    const std::size_t wanted = prefix.size() + key_random_length;
    while (text.size() < wanted) {
        std::array<std::uint8_t, key_random_length> bytes{};
        if (!random(bytes)) {
            return std::nullopt;
        }
        for (std::size_t index = 0; index < bytes.size() && text.size() < wanted; index++) {
            if (bytes[index] < unbiased) {
                text += digits[bytes[index] % digits.size()];
            }
        }
    }
    const auto check = checksum(text);
    return text.append(check.data(), check.size());
}

std::string_view shown_prefix(std::string_view text) {
    return text.substr(0, key_shown_length);
}

} // namespace api_key
