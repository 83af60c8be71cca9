// Server-sent events, looked over fast: most of a streamed answer tells nothing of its usage.
#pragma once

#include <cstddef>
#include <string_view>

namespace api_key {

// The first of either character at or after `from`; npos when there is none.
std::size_t find_either(std::string_view bytes, char one, char other, std::size_t from = 0);

// `bytes` begin where an event begins: how many of them are whole events that surely say nothing of usage (none, or null) or
// of the stream's end.
std::size_t uneventful_size(std::string_view bytes);

} // namespace api_key
