// A fast scan of server-sent events: most events of a streamed answer say nothing about usage and need not be parsed.
#pragma once

#include <cstddef>
#include <string_view>

namespace api_key {

// The first of either character at or after `from`; npos when there is none.
std::size_t find_either(std::string_view bytes, char one, char other, std::size_t from = 0);

// `bytes` start at the beginning of an event. Returns the size of the leading whole events that certainly report neither usage (absent, or
// null) nor the end of the stream.
std::size_t uneventful_size(std::string_view bytes);

} // namespace api_key
