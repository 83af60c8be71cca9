// What the JSON body of a request to an AI API says, read with certainty or refused.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/result.h"
#include "core/tokens/api_route.h"
#include "core/tokens/request_facts.h"

namespace api_key {

// Whole JSON of a request to `api`; without a dialect the model is all that is asked. An error for invalid JSON or UTF-8, anything but an
// object, or a member that matters here and is named twice, in another case (Go's and ASP.NET's parsers take it for the same), or of a
// wrong type.
Result<RequestFacts> read_json_body(std::optional<MeterDialect> dialect, Api api, std::string_view body);

} // namespace api_key
