// The last line of defence for logs: masks whatever looks like a key of a declared prefix.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace api_key {

constexpr std::size_t min_key_length = 12; // shorter text is not a key

// In `text`, wherever one of `prefixes` is followed by at least `min_key_length` characters of [0-9A-Za-z] (or by fewer that run to the end
// of a text that is `truncated`), all but the first 8 characters of the key are overwritten with `*`. Percent-encoded characters count as
// what they decode to (and are overwritten too). Works in place, never changes the length, allocates nothing. Returns the number of keys
// masked.
std::size_t redact_keys(std::span<char> text, std::span<const std::string_view> prefixes, bool truncated);

// True if redact_keys() would mask anything in a `text` that is not truncated. Takes few instructions for one without a long word.
bool has_key(std::string_view text, std::span<const std::string_view> prefixes);

// has_text() finds `secret` in `text`, percent-encoded or not; redact_text() overwrites it in the same way as a key.
bool has_text(std::string_view text, std::string_view secret);
void redact_text(std::span<char> text, std::string_view secret);

} // namespace api_key
