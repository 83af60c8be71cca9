// What a node is configured with, as it tells the operator's tool by way of the store: a type or a plan that no node has is a mistake.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace api_key {

struct NodeSettings {
    struct Type {
        std::string name;
        std::string prefix;
    };

    std::vector<Type> types;
    std::optional<std::vector<std::string>> plans; // nothing: it has no `api_key_plans`, plans are only names
};

// {"types":[{"name":"proxy","prefix":"ms-"}],"plans":["free","pro"]}
std::string write_node_settings(const NodeSettings& settings);
std::optional<NodeSettings> read_node_settings(std::string_view json);

// Plans that all nodes have which know any; nothing when none does.
std::optional<std::vector<std::string>> plans_of(std::span<const NodeSettings> nodes);

// Types that some node has, each prefix of a type by itself.
std::vector<NodeSettings::Type> types_of(std::span<const NodeSettings> nodes);

} // namespace api_key
