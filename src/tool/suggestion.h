// What a mistyped word may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace api_key::tool {

// The closest of the candidates; empty if none is close.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

} // namespace api_key::tool
