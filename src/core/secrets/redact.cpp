#include "core/secrets/redact.h"

#include <algorithm>
#include <array>

#include "core/secrets/key_text.h"
#include "core/text/hex.h"

namespace api_key {

namespace {

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

// Letters, digits, and the `%` that begins an encoded one.
constexpr std::array<bool, 256> word_characters = [] {
    std::array<bool, 256> is_word{};
    for (const std::string_view range : {"09", "AZ", "az", "%%"}) {
        for (char c = range.front(); c <= range.back(); c++) {
            is_word[static_cast<unsigned char>(c)] = true;
        }
    }
    return is_word;
}();

bool is_word_character(char c) {
    return word_characters[static_cast<unsigned char>(c)];
}

struct Word {
    std::size_t begin;
    std::size_t end; // equal to `begin`: there is none
};

// The first word from `at` on that is long enough for a key's body. Such a word contains one of the characters at every `min_key_length`th
// position, so only these are probed.
Word find_long_word(std::string_view text, std::size_t at) {
    for (std::size_t probe = at + min_key_length - 1; probe < text.size(); probe += min_key_length) {
        if (!is_word_character(text[probe])) {
            continue;
        }
        std::size_t begin = probe;
        while (begin > at && is_word_character(text[begin - 1])) {
            begin--;
        }
        std::size_t end = probe + 1;
        while (end < text.size() && is_word_character(text[end])) {
            end++;
        }
        if (end - begin >= min_key_length) {
            return {begin, end};
        }
        probe = end;
    }
    return {text.size(), text.size()};
}

// True if the word, or its end, is the body of a key of this prefix.
bool is_key_of(std::string_view text, Word word, std::string_view prefix) {
    if (!is_base62(prefix.back())) {
        return text.substr(0, word.begin).ends_with(prefix);
    }
    const std::size_t from = word.begin - std::min(word.begin, prefix.size());
    return text.substr(from, word.end - min_key_length - from).find(prefix) != std::string_view::npos;
}

// The number of bytes of `text` from `at` on that spell `prefix`; 0 if they do not.
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

// The end of the key whose prefix ends at `at`; 0 if no key follows.
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
    return length >= min_key_length ? at : 0;
}

// The end of the key that begins at `at`; 0 if none begins there. A key whose prefix ends by `known_end` does not count.
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

// Also finds percent-encoded keys.
bool has_spelled_key(std::string_view text, std::span<const std::string_view> prefixes) {
    for (std::size_t at = 0; at < text.size(); at++) {
        if (end_of_key(text, at, prefixes, false, at) != 0) {
            return true;
        }
    }
    return false;
}

} // namespace

bool has_key(std::string_view text, std::span<const std::string_view> prefixes) {
    Word word = find_long_word(text, 0);
    if (word.begin != word.end && text.find('%') != std::string_view::npos) {
        return has_spelled_key(text, prefixes);
    }
    for (; word.begin != word.end; word = find_long_word(text, word.end)) {
        if (std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) { return is_key_of(text, word, prefix); })) {
            return true;
        }
    }
    return false;
}

bool has_text(std::string_view text, std::string_view secret) {
    for (std::size_t at = 0; at + secret.size() <= text.size(); at++) {
        if (spelled(text, at, secret) != 0) {
            return true;
        }
    }
    return false;
}

void redact_text(std::span<char> text, std::string_view secret) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = spelled(text, at, secret);
        hide(text, at, at + length);
        at += std::max<std::size_t>(length, 1);
    }
}

std::size_t redact_keys(std::span<char> text, std::span<const std::string_view> prefixes, bool truncated) {
    std::size_t masked = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = end_of_key(text, at, prefixes, truncated, at);
        if (end == 0) {
            at++;
            continue;
        }
        // The prefix of another key may begin inside this one.
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
