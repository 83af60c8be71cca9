#include "core/policy/model_name.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/secrets/credential.h"
#include "core/text/folded_name.h"
#include "core/text/json_reader.h"
#include "core/text/next_part.h"
#include "core/text/utf8.h"

namespace api_key {

namespace {

constexpr std::size_t max_model_length = 256;

constexpr auto collections = std::to_array<std::string_view>({"models", "tunedmodels", "dynamic", "endpoints"});

// Verbs that act on something other than a model.
constexpr auto other_verbs =
    std::to_array<std::string_view>({"cancel", "register", "importFile", "uploadToFileSearchStore", "transferOwnership"});

bool is_collection(std::string_view part) {
    return std::find(collections.begin(), collections.end(), folded_name(part)) != collections.end();
}

// The names in a path; each is a view of the path.
struct NamesInPath {
    std::size_t collections = 0;
    std::string_view before_last; // part
    std::string_view last;
    std::string_view first_name; // after a collection
    std::string_view first_collection;
};

NamesInPath names_in(std::string_view path) {
    NamesInPath names;
    while (!path.empty()) {
        const std::string_view part = next_part(path, '/');
        if (is_collection(names.last)) {
            names.first_collection = names.collections == 0 ? names.last : names.first_collection;
            names.first_name = names.collections++ == 0 ? part : names.first_name;
        }
        names.before_last = names.last;
        names.last = part;
    }
    return names;
}

// Percent-decoded; nothing if the result is longer than `most`.
template <std::size_t most>
std::optional<std::string> decoded(std::string_view text) {
    std::array<char, most> room{};
    const std::optional<std::size_t> size = percent_decode(text, room);
    return size ? std::optional(std::string(room.data(), *size)) : std::nullopt;
}

// From the beginning of one part of a path to the end of a later one.
std::string_view joined(std::string_view from, std::string_view to) {
    return {from.data(), static_cast<std::size_t>(to.data() + to.size() - from.data())};
}

} // namespace

std::optional<Error> check_model_name(std::string_view model) {
    if (model.empty() || model.size() > max_model_length || !is_plain_text(model)) {
        return wrong("model", "expected a name of 1 to 256 bytes without control characters");
    }
    return std::nullopt;
}

Result<std::string_view> model_in_path(std::string_view path) {
    const NamesInPath names = names_in(path.substr(0, path.find_last_not_of('/') + 1));
    const std::size_t colon = names.last.rfind(':');
    const bool has_verb = colon != std::string_view::npos;
    const std::string_view name = has_verb ? names.last.substr(0, colon) : names.first_name.substr(0, names.first_name.find(':'));
    const std::string_view collection = has_verb ? names.before_last : names.first_collection;
    if (has_verb && names.collections == 0) {
        const bool uses_none = std::find(other_verbs.begin(), other_verbs.end(), names.last.substr(colon + 1)) != other_verbs.end();
        return uses_none || collection.empty() ? std::string_view() : joined(collection, name);
    }
    const bool is_clear = names.collections <= 1 && (!has_verb || names.last.data() == names.first_name.data());
    const bool is_exact = collection.empty() || collection == "models" || folded_name(collection) != "models";
    if (!is_clear || !is_exact) {
        return wrong("model", "the path does not name one model for certain");
    }
    return collection == "models" || name.empty() ? name : joined(collection, name);
}

std::string_view deployment_in_path(std::string_view path) {
    std::string_view before;
    while (!path.empty()) {
        const std::string_view part = next_part(path, '/');
        const std::string name = folded_name(before);
        if (name == "deployments" || name == "engines") {
            return part;
        }
        before = part;
    }
    return {};
}

bool has_dot_segments(std::string_view unparsed_uri) {
    std::string_view path = unparsed_uri.substr(0, unparsed_uri.find('?'));
    while (!path.empty()) {
        const std::optional<std::string> part = decoded<8>(next_part(path, '/'));
        if (part && (*part == "." || *part == "..")) {
            return true;
        }
    }
    return false;
}

bool names_another_model(std::string_view query, std::string_view model) {
    while (!query.empty()) {
        std::string_view arguments = next_part(query, '&');
        while (!arguments.empty()) {
            std::string_view value = next_part(arguments, ';'); // which some parsers treat as `&`
            const std::optional<std::string> raw_name = decoded<64>(next_part(value, '='));
            const std::string name = folded_name(raw_name.value_or(""));
            const bool is_model = name == "model" || name.starts_with("model[") || name == "deployment";
            if (is_model && decoded<max_model_length>(value) != model) {
                return true;
            }
        }
    }
    return false;
}

} // namespace api_key
