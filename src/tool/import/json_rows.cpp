#include <array>
#include <optional>

#include <simdjson.h>

#include "core/text/ascii.h"
#include "tool/import/row.h"

namespace api_key::tool {

namespace {

using simdjson::dom::element;

// An object's members become columns, those of objects in it with the name of that before them.
void add_json_cells(Row& row, const std::string& before, const simdjson::dom::object& object) {
    for (const auto& [name, value] : object) {
        std::string column = before + std::string(name);
        if (simdjson::dom::object inner; value.get(inner) == simdjson::SUCCESS) {
            add_json_cells(row, column + ".", inner);
        } else if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
            row.add(std::move(column), std::string(text));
        } else if (simdjson::dom::array list; value.get(list) == simdjson::SUCCESS) {
            row.add(std::move(column), list.size() == 0 ? std::string() : simdjson::minify(value));
        } else if (!value.is_null()) {
            row.add(std::move(column), simdjson::minify(value));
        }
    }
}

// The list of keys: the document itself, or its member `keys` or `data`, or that of `data`.
std::optional<simdjson::dom::array> list_of_keys(const element& document) {
    simdjson::dom::array list;
    if (document.get(list) == simdjson::SUCCESS) {
        return list;
    }
    for (const std::string_view path : {"/keys", "/data", "/data/keys"}) {
        if (document.at_pointer(path).get(list) == simdjson::SUCCESS) {
            return list;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<Error> read_json_rows(std::string_view text, const TakeRow& take) {
    simdjson::dom::parser parser;
    element document;
    if (const simdjson::error_code code = parser.parse(text.data(), text.size()).get(document); code != simdjson::SUCCESS) {
        return Error{"", std::string("not JSON: ") + simdjson::error_message(code)};
    }
    const std::optional<simdjson::dom::array> list = list_of_keys(document);
    if (!list) {
        return Error{"", "expected an array of keys, or an object with one as \"keys\" or \"data\""};
    }
    const std::size_t count = std::max<std::size_t>(list->size(), 1);
    std::size_t index = 0;
    for (const element& one : *list) {
        simdjson::dom::object object;
        if (one.get(object) != simdjson::SUCCESS) {
            return Error{"", "key " + std::to_string(index) + " is not an object"};
        }
        Row row;
        row.where = "key " + std::to_string(index);
        row.read_bytes = text.size() * ++index / count;
        add_json_cells(row, "", object);
        take(std::move(row));
    }
    return std::nullopt;
}

std::optional<Error> read_json_or_csv_rows(std::string_view text, const TakeRow& take) {
    const std::string_view beginning = trimmed(text.substr(0, 256), " \t\r\n");
    return beginning.starts_with('{') || beginning.starts_with('[') ? read_json_rows(text, take) : read_csv_rows(text, take);
}

} // namespace api_key::tool
