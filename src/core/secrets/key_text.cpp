#include "core/secrets/key_text.h"

#include <algorithm>
#include <array>

#include <zlib.h>

namespace api_key {

namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::array<char, key_checksum_length> checksum(std::string_view text) {
    std::array<char, key_checksum_length> result{};
    auto value = static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
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

bool is_foreign_key_text(std::string_view text, std::string_view prefix) {
    return text.size() > prefix.size() && text.size() <= foreign_key_max_length && text.starts_with(prefix) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<std::size_t> key_form_of(std::string_view text, std::span<const KeyForm> forms) {
    std::optional<std::size_t> found;
    for (std::size_t index = 0; index < forms.size(); index++) {
        const KeyForm& form = forms[index];
        if (!form.is_foreign && is_key_text(text, form.prefix)) {
            return index;
        }
        if (form.is_foreign && is_foreign_key_text(text, form.prefix) && (!found || forms[*found].prefix.size() < form.prefix.size())) {
            found = index;
        }
    }
    return found;
}

std::string_view shown_prefix(std::string_view text) {
    return text.substr(0, key_shown_length);
}

} // namespace api_key
