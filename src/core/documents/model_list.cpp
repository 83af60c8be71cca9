#include "core/documents/model_list.h"

#include <array>

#include <simdjson.h>

#include "core/text/ascii.h"

namespace api_key {

namespace {

namespace ondemand = simdjson::ondemand;

struct Shape {
    std::string_view list;
    std::string_view name;
};

constexpr std::array<Shape, 2> shapes{{{"data", "id"}, {"models", "name"}}};

// Gemini lists `models/gemini-2.5-pro`, which requests and scopes call `gemini-2.5-pro`.
std::string_view called(std::string_view name) {
    constexpr std::string_view collection = "models/";
    return name.starts_with(collection) ? name.substr(collection.size()) : name;
}

// The text of a model that the scope allows; nothing for another one, and for what has no name. False when it is not JSON.
bool read_model(ondemand::value value, std::string_view name, const ModelScope& scope, std::string_view& kept) {
    ondemand::object model;
    std::string_view text;
    if (value.get_object().get(model) != simdjson::SUCCESS) {
        return true; // the list skips it
    }
    std::string_view id;
    const auto error = model[name].get_string().get(id);
    const bool is_allowed = error == simdjson::SUCCESS && scope.allows(called(id));
    if (model.reset().error() != simdjson::SUCCESS || model.raw_json().get(text) != simdjson::SUCCESS) {
        return false;
    }
    kept = is_allowed ? trimmed(text, " \t\r\n") : std::string_view();
    return true;
}

std::optional<std::string> join_allowed(ondemand::array list, std::string_view name, const ModelScope& scope) {
    std::string all;
    for (auto element : list) {
        ondemand::value value;
        std::string_view kept;
        if (element.get(value) != simdjson::SUCCESS || !read_model(value, name, scope, kept)) {
            return std::nullopt;
        }
        if (!kept.empty()) {
            all += all.empty() ? "" : ",";
            all += kept;
        }
    }
    return all;
}

} // namespace

std::optional<std::string> allowed_models(std::string_view document, const ModelScope& scope) {
    ondemand::parser parser;
    const simdjson::padded_string text(document);
    ondemand::document json;
    ondemand::object members;
    if (parser.iterate(text).get(json) != simdjson::SUCCESS || json.get_object().get(members) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    for (const Shape& shape : shapes) {
        ondemand::array list;
        std::string_view raw;
        if (members.reset().error() != simdjson::SUCCESS) {
            return std::nullopt;
        }
        if (members[shape.list].get_array().get(list) != simdjson::SUCCESS) {
            continue;
        }
        if (list.raw_json().get(raw) != simdjson::SUCCESS || list.reset().error() != simdjson::SUCCESS) {
            return std::nullopt;
        }
        const std::optional<std::string> allowed = join_allowed(list, shape.name, scope);
        if (!allowed) {
            return std::nullopt;
        }
        const auto begin = static_cast<std::size_t>(raw.data() - text.data());
        const std::size_t end = begin + trimmed(raw, " \t\r\n").size();
        return std::string(document.substr(0, begin)) + "[" + *allowed + "]" + std::string(document.substr(end));
    }
    return std::string(document);
}

} // namespace api_key
