#include "core/policy/node_settings.h"

#include <algorithm>

#include "core/text/json.h"

namespace api_key {

std::string write_node_settings(const NodeSettings& settings) {
    Json object(json_object());
    json_t* types = json_array();
    for (const NodeSettings::Type& type : settings.types) {
        json_t* one = json_object();
        set(one, "name", type.name);
        set(one, "prefix", type.prefix);
        if (type.is_foreign) {
            set(one, "format", "any");
        }
        json_array_append_new(types, one);
    }
    json_object_set_new(object.get(), "types", types);
    if (settings.plans) {
        json_t* plans = json_array();
        for (const std::string& plan : *settings.plans) {
            json_array_append_new(plans, json_text(plan).release());
        }
        json_object_set_new(object.get(), "plans", plans);
    }
    return dump(object);
}

std::optional<NodeSettings> read_node_settings(std::string_view json) {
    const Json object(json_loadb(json.data(), json.size(), 0, nullptr));
    const json_t* types = json_object_get(object.get(), "types");
    if (!json_is_array(types)) {
        return std::nullopt;
    }
    NodeSettings settings;
    for (std::size_t index = 0; index < json_array_size(types); index++) {
        const json_t* one = json_array_get(types, index);
        settings.types.push_back({std::string(text_of(json_object_get(one, "name"))), std::string(text_of(json_object_get(one, "prefix"))),
                                  text_of(json_object_get(one, "format")) == "any"});
    }
    if (const json_t* plans = json_object_get(object.get(), "plans"); json_is_array(plans)) {
        settings.plans.emplace();
        for (std::size_t index = 0; index < json_array_size(plans); index++) {
            settings.plans->emplace_back(text_of(json_array_get(plans, index)));
        }
    }
    return settings;
}

std::optional<std::vector<std::string>> plans_of(std::span<const NodeSettings> nodes) {
    std::optional<std::vector<std::string>> common;
    for (const NodeSettings& node : nodes) {
        if (!node.plans) {
            continue;
        }
        if (!common) {
            common = node.plans;
        }
        std::erase_if(
            *common, [&](const std::string& plan) { return std::find(node.plans->begin(), node.plans->end(), plan) == node.plans->end(); });
    }
    return common;
}

std::vector<NodeSettings::Type> types_of(std::span<const NodeSettings> nodes) {
    std::vector<NodeSettings::Type> all;
    for (const NodeSettings& node : nodes) {
        for (const NodeSettings::Type& type : node.types) {
            const auto is_same = [&](const NodeSettings::Type& one) { return one.name == type.name && one.prefix == type.prefix; };
            if (std::none_of(all.begin(), all.end(), is_same)) {
                all.push_back(type);
            }
        }
    }
    return all;
}

} // namespace api_key
