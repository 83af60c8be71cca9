// The models that a key may use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace api_key {

// What the key's own list and its plan's both allow, as globs. An empty list allows all.
struct ModelScope {
    std::string_view of_key;                           // newline-separated
    const std::vector<std::string>* of_plan = nullptr; // null: it has no plan

    bool is_limited() const { return !of_key.empty() || (of_plan != nullptr && !of_plan->empty()); }
    bool allows(std::string_view model) const;

    // The list that refuses this model, for people: `gpt-4o-mini, claude-*`. At most ten names, "and N more" after them; empty: none does.
    std::string refusing_list(std::string_view model) const;
};

} // namespace api_key
