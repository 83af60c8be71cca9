#include "core/policy/key_filter.h"

#include <algorithm>

#include "core/text/ascii.h"

namespace api_key {

namespace {

bool contains_text(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) { return to_lower(a) == to_lower(b); }) !=
           text.end();
}

// The shown prefix as far as the text goes: a text may be a longer part of the secret, or a shorter part of the prefix.
bool begins_alike(std::string_view prefix, std::string_view text) {
    return !prefix.empty() && (prefix.starts_with(text) || text.starts_with(prefix));
}

} // namespace

bool KeyFilter::matches(const KeyRecord& key, std::int64_t now_ms) const {
    const bool shown_active = key.active && (key.expires_ms == 0 || key.expires_ms > now_ms);
    return (!category || key.category == *category) && (!active || shown_active == *active) &&
           (text.empty() || contains_text(key.name, text) || contains_text(key.alias, text) || begins_alike(key.prefix, text) ||
            std::to_string(key.id) == text);
}

} // namespace api_key
