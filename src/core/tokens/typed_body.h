// Reads the body of a request to an AI API by its Content-Type: JSON, or a form.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/result.h"
#include "core/tokens/api_route.h"
#include "core/tokens/request_facts.h"

namespace api_key {

// An error if the reader of that type refuses the body, and for a type that lets an upstream read the same bytes as something else: parts
// of another kind, another charset, a form that is JSON as well.
Result<RequestFacts> read_typed_body(std::optional<MeterDialect> dialect, Api api, std::string_view content_type, std::string_view body);

} // namespace api_key
