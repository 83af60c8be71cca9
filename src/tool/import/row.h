// What the readers of the files of other key stores have in common: a row for each key, with its columns as they are called there.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text/result.h"

namespace api_key::tool {

struct Row {
    std::string where;                                      // `line 7`, `consumers[3].keyauth_credentials[0]`
    std::size_t read_bytes = 0;                             // of the file, up to here
    std::vector<std::pair<std::string, std::string>> cells; // column and value; empty values are left out, a list is a JSON array

    void add(std::string column, std::string value) {
        if (!value.empty()) {
            cells.emplace_back(std::move(column), std::move(value));
        }
    }
};

using TakeRow = std::function<void(Row)>;
using ReadRows = std::optional<Error> (*)(std::string_view text, const TakeRow& take);

// Each calls `take` for each key in the text, and returns an error if that has another form. Rows before a mistake have been taken then.
std::optional<Error> read_csv_rows(std::string_view text, const TakeRow& take);  // the first line names the columns
std::optional<Error> read_json_rows(std::string_view text, const TakeRow& take); // objects; inner members as `outer.inner`
std::optional<Error> read_json_or_csv_rows(std::string_view text, const TakeRow& take);
std::optional<Error> read_kong_rows(std::string_view text, const TakeRow& take);      // a declarative configuration, in YAML or JSON
std::optional<Error> read_nginx_map_rows(std::string_view text, const TakeRow& take); // `map` blocks: a key or its SHA-256, and a name

} // namespace api_key::tool
