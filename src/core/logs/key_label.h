// The labels by which people know a key, and by which its requests and log entries are filtered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace api_key {

struct KeyLabel {
    std::string type;
    std::string name;
    std::string alias;
    std::string category;
    bool operator==(const KeyLabel&) const = default;
};

using NamedKeys = std::map<std::uint64_t, KeyLabel>; // by their ids

struct KeyLabelFilter {
    std::vector<std::string> types; // empty: any
    std::optional<std::string> name;
    std::optional<std::string> alias;
    std::optional<std::string> category;

    bool takes_all() const { return types.empty() && !name && !alias && !category; }

    // A key that is no longer known, null, matches only a filter that takes all.
    bool matches(const KeyLabel* key) const {
        if (key == nullptr) {
            return takes_all();
        }
        return (types.empty() || std::find(types.begin(), types.end(), key->type) != types.end()) &&
               name.value_or(key->name) == key->name && alias.value_or(key->alias) == key->alias &&
               category.value_or(key->category) == key->category;
    }
};

} // namespace api_key
