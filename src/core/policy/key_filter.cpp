#include "core/policy/key_filter.h"

#include <algorithm>

#include "core/text/ascii.h"

namespace api_key {

namespace {

bool contains_text(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) { return to_lower(a) == to_lower(b); }) !=
           text.end();
}

} // namespace

bool KeyFilter::matches(const KeyRecord& key, std::int64_t now_ms) const {
    const bool shown_active = key.active && (key.expires_ms == 0 || key.expires_ms > now_ms);
    return (!category || key.category == *category) && (!active || shown_active == *active) &&
           (text.empty() || contains_text(key.name, text) || contains_text(key.alias, text));
}

} // namespace api_key
