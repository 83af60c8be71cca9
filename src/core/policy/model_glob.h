// Names of models, and globs of them: `*` stands for any run of characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace api_key {

bool matches_model(std::string_view glob, std::string_view model);
bool any_matches(std::string_view newline_separated_globs, std::string_view model);
bool any_matches(const std::vector<std::string>& globs, std::string_view model);

} // namespace api_key
