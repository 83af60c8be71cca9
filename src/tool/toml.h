// Reads the part of TOML that configuration files of tools are made of: tables, and keys with a text or a boolean.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/text/result.h"

namespace api_key::tool {

struct TomlItem {
    std::vector<std::string> table; // the words of its heading
    std::string key;
    std::variant<std::string, bool> value;
    std::size_t line = 0;
};

// In the order of the file. Error.field is "line N".
Result<std::vector<TomlItem>> parse_toml(std::string_view text);

} // namespace api_key::tool
