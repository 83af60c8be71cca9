// Folds names of members and fields as case-insensitive parsers do: Go's encoding/json, ASP.NET, Java.
#pragma once

#include <string>
#include <string_view>

namespace api_key {

// The name in lower case, with the few non-ASCII letters that fold to ASCII ones (ſ, K, ı, İ), and cut at a zero byte, where a C string
// ends.
std::string folded_name(std::string_view name);

} // namespace api_key
