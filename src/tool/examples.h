// Examples for the help of each command and for the manual page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace api_key::tool {

// Of a command that does something, by its path ("apikeyctl key create").
std::vector<std::string> examples_of(std::string_view path);

} // namespace api_key::tool
