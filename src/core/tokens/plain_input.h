// Checks that all input for the model is text in the request itself. Only then does the request's size bound its tokens.
#pragma once

#include <string_view>

#include <simdjson.h>

#include "core/tokens/usage_meter.h"

namespace api_key {

// Checks a member at the top of a body. Whatever is not known to be plain text is not: media, files, references to stored content, unknown
// members. Numbers and flags bring no input.
bool is_plain_input(MeterDialect dialect, std::string_view name, const simdjson::dom::element& value);

} // namespace api_key
