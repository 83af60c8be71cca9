#include "core/redact.h"

#include <algorithm>

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

// `%` or `%4` at the end of a text that was cut off.
bool is_cut_off_character(std::span<const char> text, std::size_t at) {
    return text[at] == '%' && (at + 1 == text.size() || (at + 2 == text.size() && hex_value(text[at + 1]) >= 0));
}

// Where the key ends whose prefix ends at `at`; 0 when no key follows.
std::size_t end_of_body(std::span<const char> text, std::size_t at, bool truncated) {
    std::size_t length = 0;
    for (; at < text.size(); length++) {
        const Character character = read(text, at);
        if (!is_base62(character.value)) {
            break;
        }
        at += character.length;
    }
    if (truncated && (at == text.size() || is_cut_off_character(text, at))) {
        return text.size();
    }
    return length >= least_body ? at : 0;
}

// Where the key that begins at `at` ends; 0 when none begins there. A key that is no longer than `known_end` does not count.
std::size_t end_of_key(std::span<const char> text, std::size_t at, std::span<const std::string_view> prefixes, bool truncated,
                       std::size_t known_end) {
    const char first = text[at];
    for (const std::string_view prefix : prefixes) {
        if (first != prefix.front() && first != '%') {
            continue;
        }
        const std::size_t length = spelled(text, at, prefix);
        if (length == 0 || at + length <= known_end) {
            continue;
        }
        if (const std::size_t end = end_of_body(text, at + length, truncated)) {
            return end;
        }
    }
    return 0;
}

void hide(std::span<char> text, std::size_t at, std::size_t end) {
    for (std::size_t shown = 0; shown < key_shown_length && at < end; shown++) {
        at += read(text, at).length;
    }
    for (; at < end; at++) {
        text[at] = '*';
    }
}

} // namespace

std::size_t redact_keys(std::span<char> text, std::span<const std::string_view> prefixes, bool truncated) {
    std::size_t masked = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = end_of_key(text, at, prefixes, truncated, at);
        if (end == 0) {
            at++;
            continue;
        }
        // The prefix of another key may begin in the letters of this one.
        for (std::size_t inner = at + 1; inner < end; inner++) {
            end = std::max(end, end_of_key(text, inner, prefixes, truncated, end));
        }
        hide(text, at, end);
        masked++;
        at = end;
    }
    return masked;
}

} // namespace api_key
