#include "core/redact.h"

#include "core/hex.h"
#include "core/key_text.h"

namespace api_key {

namespace {

constexpr std::size_t least_body = 12;

struct Character {
    char value;
    std::size_t length; // 1, or 3 when percent-encoded
};

Character read(std::span<const char> text, std::size_t at) {
    if (text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0) {
        return {static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])), 3};
    }
    return {text[at], 1};
}

// How many bytes of `text` from `at` on spell `prefix`; 0 when they do not.
std::size_t spelled(std::span<const char> text, std::size_t at, std::string_view prefix) {
    const std::size_t begin = at;
    for (const char expected : prefix) {
        if (at >= text.size()) {
            return 0;
        }
        const Character character = read(text, at);
        if (character.value != expected) {
            return 0;
        }
        at += character.length;
    }
    return at - begin;
}

// Masks the key that begins at `at`, if one does. Returns where to go on, 0 when there is none.
std::size_t mask(std::span<char> text, std::size_t at, std::string_view prefix, bool truncated) {
    const std::size_t prefix_length = spelled(text, at, prefix);
    if (prefix_length == 0) {
        return 0;
    }
    std::size_t shown = prefix.size();
    std::size_t body = 0;
    std::size_t hidden_from = text.size();
    std::size_t end = at + prefix_length;
    while (end < text.size()) {
        const Character character = read(text, end);
        if (!is_base62(character.value)) {
            break;
        }
        if (shown >= key_shown_length && hidden_from == text.size()) {
            hidden_from = end;
        }
        shown++;
        body++;
        end += character.length;
    }
    const bool cut_off = truncated && end == text.size();
    if (body < least_body && !cut_off) {
        return 0;
    }
    for (std::size_t index = hidden_from; index < end; index++) {
        text[index] = '*';
    }
    return end;
}

} // namespace

std::size_t redact_keys(std::span<char> text, std::span<const std::string_view> prefixes, bool truncated) {
    std::size_t masked = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t next = 0;
        for (const std::string_view prefix : prefixes) {
            const char first = text[at];
            if (first != prefix.front() && first != '%') {
                continue;
            }
            next = mask(text, at, prefix, truncated);
            if (next != 0) {
                masked++;
                break;
            }
        }
        at = next != 0 ? next : at + 1;
    }
    return masked;
}

} // namespace api_key
