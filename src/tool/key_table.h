// Keys as a table shows them, with their state, quota and spending.
#pragma once

#include <vector>

#include "core/text/json.h"
#include "store/flows/allowance_flows.h"
#include "tool/table.h"

namespace api_key::tool {

extern const std::vector<TableColumn> key_columns;

// A row for each.
void add_key_rows(const store::ReadUsages& read, json_t* rows);

} // namespace api_key::tool
