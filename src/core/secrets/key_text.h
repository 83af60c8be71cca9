// The text of a key: PREFIX + 32 random characters of [0-9A-Za-z] + 6 characters of checksum
// (base-62 CRC-32 of everything before them, most significant digit first, zero-padded).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace api_key {

inline constexpr std::size_t key_random_length = 32;
inline constexpr std::size_t key_checksum_length = 6;
inline constexpr std::size_t key_body_length = key_random_length + key_checksum_length;
inline constexpr std::size_t key_shown_length = 8;       // of the whole text, shown as `prefix`
inline constexpr std::size_t key_prefix_max_length = 32; // of a declared prefix

// Fills the span with bytes from a CSPRNG; false when it could not.
using RandomSource = bool (*)(std::span<std::uint8_t>);

// True when `text` is `prefix` and a body of the right length, alphabet and checksum.
bool is_key_text(std::string_view text, std::string_view prefix);

// A new key, or nothing when the random source failed. Unbiased (rejection sampling).
std::optional<std::string> make_key_text(std::string_view prefix, RandomSource random);

// The part that may be shown: the first 8 characters.
std::string_view shown_prefix(std::string_view text);

// A prefix is 1 to 32 characters of [0-9A-Za-z_-].
bool is_key_prefix(std::string_view prefix);

bool is_base62(char c);

// A key of a type with `format=any`, made elsewhere: the prefix and at least one more character, all of them visible ASCII.
inline constexpr std::size_t foreign_key_max_length = 512;
bool is_foreign_key_text(std::string_view text, std::string_view prefix);

// How the keys of a type are written.
struct KeyForm {
    std::string_view prefix;
    bool is_foreign = false;
};

// The index of the form that the text has: one of ours, because the checksum tells that, or else the foreign one with the longest prefix.
std::optional<std::size_t> key_form_of(std::string_view text, std::span<const KeyForm> forms);

} // namespace api_key
