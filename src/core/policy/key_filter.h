// A filter for the keys of an account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/record.h"

namespace api_key {

struct KeyFilter {
    std::vector<std::string> types; // at least one
    std::optional<std::string> category;
    std::optional<bool> active; // as shown: an expired key is not active
    std::string text;           // in name or alias, ASCII letters in any case, or the shown prefix, or the id; empty: all

    bool matches(const KeyRecord& key, std::int64_t now_ms) const; // except for the type
};

} // namespace api_key
