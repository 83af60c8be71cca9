// Reads the multipart form of a request to an AI API (RFC 7578), or refuses it if it cannot be read with certainty.
#pragma once

#include <string_view>

#include "core/text/result.h"
#include "core/tokens/request_facts.h"

namespace api_key {

// Reads the field `model`, and whether files come with it. `content_type` is the header's value, with the boundary. An error for two
// models, a file as the model, a malformed form, or one that the parsers of upstreams (Python's email, Go's, ASP.NET's) read differently:
// line ends and boundaries that not all of them recognize, parameters by RFC 2231, names in another case.
Result<RequestFacts> read_multipart_body(std::string_view content_type, std::string_view body);

} // namespace api_key
