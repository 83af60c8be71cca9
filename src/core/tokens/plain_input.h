// Is all that a request gives its model text that stands in the request? Only then its size says how many tokens that can be.
#pragma once

#include <string_view>

#include <simdjson.h>

#include "core/tokens/usage_meter.h"

namespace api_key {

// A member at the top of a body. Whatever is not known to be plain text is not: media, files, references to what is stored elsewhere,
// members that nobody here has heard of. Numbers and flags bring no input.
bool is_plain_input(MeterDialect dialect, std::string_view name, const simdjson::dom::element& value);

} // namespace api_key
