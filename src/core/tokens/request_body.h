// Reads the JSON body of a request to an AI API, or refuses it if it cannot be read with certainty.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/result.h"
#include "core/tokens/api_route.h"
#include "core/tokens/request_facts.h"

namespace api_key {

// `body` is the whole JSON of a request to `api`; without a dialect only the model is read. An error for invalid JSON or UTF-8, anything
// but an object, or a member that matters here and is named twice, in another case (Go's and ASP.NET's parsers take it for the same), or of
// a wrong type.
Result<RequestFacts> read_json_body(std::optional<MeterDialect> dialect, Api api, std::string_view body);

} // namespace api_key
