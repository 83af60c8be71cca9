// What a command prints: JSON, or a table for people.
#pragma once

#include <vector>

#include "core/text/json.h"
#include "tool/cells.h"
#include "tool/table.h"

namespace api_key::tool {

struct Options;

bool prints_table(const Options& options); // or a wide one

// A JSON object, or an array of objects, in the selected format. `columns` are the members that a table of an array shows; the first one is
// what -o ids prints of an object without an id.
void print_value(const Options& options, const Json& value, const std::vector<TableColumn>& columns = {});

} // namespace api_key::tool
