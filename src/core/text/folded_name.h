// Names of members and fields as parsers that fold case see them: Go's encoding/json, ASP.NET, Java.
#pragma once

#include <string>
#include <string_view>

namespace api_key {

// In lower case, with the few letters beyond ASCII that fold to one of ASCII (ſ, K, ı, İ), and cut at a zero byte, where C's strings end.
std::string folded_name(std::string_view name);

} // namespace api_key
