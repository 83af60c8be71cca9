#include "tool/output.h"

#include <algorithm>

#include <fmt/core.h>
#include <unistd.h>

#include "core/text/utf8.h"
#include "tool/session.h"

namespace api_key::tool {

namespace {

// A value as a table shows it: no quotes.
std::string cell(const json_t* value) {
    if (value == nullptr || json_is_null(value)) {
        return "-";
    }
    if (!json_is_string(value)) {
        return dump(Json(json_incref(const_cast<json_t*>(value))));
    }
    return shown_text(text_of(value));
}

void print_object(const json_t* object) {
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(object), name, value) {
        fmt::print("{:<14} {}\n", name, cell(value));
    }
}

void print_table(const json_t* array, const std::vector<std::string>& columns) {
    std::vector<std::size_t> widths;
    for (const std::string& column : columns) {
        std::size_t width = column.size();
        for (std::size_t row = 0; row < json_array_size(array); row++) {
            width = std::max(width, cell(json_object_get(json_array_get(array, row), column.c_str())).size());
        }
        widths.push_back(width);
    }
    for (std::size_t column = 0; column < columns.size(); column++) {
        fmt::print("{:<{}}  ", columns[column], widths[column]);
    }
    fmt::print("\n");
    for (std::size_t row = 0; row < json_array_size(array); row++) {
        for (std::size_t column = 0; column < columns.size(); column++) {
            fmt::print("{:<{}}  ", cell(json_object_get(json_array_get(array, row), columns[column].c_str())), widths[column]);
        }
        fmt::print("\n");
    }
}

} // namespace

std::string shown_text(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
        const std::string_view character = text.substr(0, length);
        shown += is_plain_text(character) ? std::string(character) : fmt::format("\\x{:02x}", static_cast<unsigned char>(character[0]));
        text.remove_prefix(length);
    }
    return shown;
}

bool prints_table(const Options& options) {
    return options.output == "table" || (options.output.empty() && isatty(STDOUT_FILENO) == 1);
}

void print_value(const Options& options, const Json& value, const std::vector<std::string>& columns) {
    if (!prints_table(options)) {
        fmt::print("{}\n", dump(value));
    } else if (json_is_array(value.get())) {
        print_table(value.get(), columns);
    } else {
        print_object(value.get());
    }
}

} // namespace api_key::tool
