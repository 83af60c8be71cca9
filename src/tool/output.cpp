#include "tool/output.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool/session.h"
#include "tool/yaml_output.h"

namespace api_key::tool {

namespace {

std::size_t terminal_width() {
    winsize size{};
    return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void print_id(const json_t* object, const std::vector<TableColumn>& columns) {
    const json_t* id = json_object_get(object, "id");
    if (id == nullptr) {
        id = json_object_get(object, "requestId"); // of an entry of the request log
    }
    if (id == nullptr && !columns.empty()) {
        id = json_object_get(object, columns.front().member.c_str());
    }
    if (id != nullptr) {
        fmt::print("{}\n", cell(id));
    }
}

void print_ids(const json_t* value, const std::vector<TableColumn>& columns) {
    if (!json_is_array(value)) {
        return print_id(value, columns);
    }
    for (std::size_t index = 0; index < json_array_size(value); index++) {
        print_id(json_array_get(value, index), columns);
    }
}

} // namespace

bool prints_table(const Options& options) {
    return options.output == "table" || options.output == "wide" || (options.output.empty() && isatty(STDOUT_FILENO) == 1);
}

void print_value(const Options& options, const Json& value, const std::vector<TableColumn>& columns) {
    if (options.output == "ids") {
        print_ids(value.get(), columns);
    } else if (options.output == "yaml") {
        fmt::print("{}", yaml_of(value.get()));
    } else if (!prints_table(options)) {
        fmt::print("{}\n", dump(value));
    } else if (json_is_array(value.get())) {
        fmt::print("{}", table_of(value.get(), columns, {options.output == "wide", options.has_headings, terminal_width()}));
    } else {
        fmt::print("{}", list_of_members(value.get()));
    }
}

} // namespace api_key::tool
