// Tables for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/text/json.h"

namespace api_key::tool {

struct TableColumn {
    TableColumn(const char* name) : heading(), member(name) {} // its heading is made of the name
    TableColumn(const char* title, const char* name, bool wide = false) : heading(title), member(name), is_wide(wide) {}

    std::string heading;
    std::string member;
    bool is_wide = false; // left out unless the table is wide
};

struct TableStyle {
    bool is_wide = false; // all columns, and nothing is cut
    bool has_headings = true;
    std::size_t width = 0; // of the terminal; 0: any
};

// An array of objects, a row each. Columns of numbers are to the right; the widest others are cut until a row fits.
std::string table_of(const json_t* rows, const std::vector<TableColumn>& columns, const TableStyle& style);

// An object, a line for each member.
std::string list_of_members(json_t* object);

} // namespace api_key::tool
