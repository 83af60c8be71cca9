// Which release this is.
#pragma once

#include <string_view>

namespace api_key {

inline constexpr std::string_view version = "0.1.0";

} // namespace api_key
