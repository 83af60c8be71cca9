// What a command prints: JSON, or a table for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/json.h"

namespace api_key::tool {

struct Options;

// For a terminal: without control characters for it to obey, and without what is no UTF-8.
std::string shown_text(std::string_view text);

bool prints_table(const Options& options);

// A JSON object, or an array of objects, in the selected format. `columns` are the members that a table of an array shows.
void print_value(const Options& options, const Json& value, const std::vector<std::string>& columns = {});

} // namespace api_key::tool
