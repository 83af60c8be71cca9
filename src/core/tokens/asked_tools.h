// Tools that a request gives to its model: those that the client runs, and those that the upstream runs itself, for a fee or not.
#pragma once

#include <optional>

#include <simdjson.h>

#include "core/text/result.h"
#include "core/tokens/request_facts.h"
#include "core/tokens/usage_meter.h"

namespace api_key {

// Of the member `tools`. Adds to the options what has a fee, or is not known; an error for what cannot be read with certainty.
std::optional<Error> read_tools(MeterDialect dialect, const simdjson::dom::element& value, RequestFacts& facts);

// Of `web_search_options` of chat completions.
std::optional<Error> read_web_search_options(const simdjson::dom::element& value, RequestFacts& facts);

// A value as a message may show it: short, and plain text.
std::string shown_value(const simdjson::dom::element& value);

} // namespace api_key
