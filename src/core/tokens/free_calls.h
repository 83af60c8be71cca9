// Calls of the AI APIs that their vendors do not charge for: counting the tokens of a request, moderation.
#pragma once

#include <string_view>

#include "core/tokens/usage_meter.h"

namespace api_key {

// `path`: normalized, without the query.
bool is_free_call(MeterDialect dialect, std::string_view path);

} // namespace api_key
