// The settings that a node reports through the store. The operator's tool uses them to refuse a type or a plan that no node has.
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
        bool is_foreign = false; // format=any
    };

    std::vector<Type> types;
    std::optional<std::vector<std::string>> plans; // nothing: it has no `api_key_plans`, plans are only names
};

// {"types":[{"name":"proxy","prefix":"ms-"},{"name":"old","prefix":"sk-","format":"any"}],"plans":["free","pro"]}
std::string write_node_settings(const NodeSettings& settings);
std::optional<NodeSettings> read_node_settings(std::string_view json);

// The plans that all nodes with `api_key_plans` have in common; nothing if there is no such node.
std::optional<std::vector<std::string>> plans_of(std::span<const NodeSettings> nodes);

// The types of all nodes, one entry for each prefix of a type.
std::vector<NodeSettings::Type> types_of(std::span<const NodeSettings> nodes);

} // namespace api_key
