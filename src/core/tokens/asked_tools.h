// Tools that a request offers to its model: those that the client runs, and those that the upstream runs itself, with a fee or without.
#pragma once

#include <optional>

#include <simdjson.h>

#include "core/text/result.h"
#include "core/tokens/request_facts.h"
#include "core/tokens/usage_meter.h"

namespace api_key {

// Reads the member `tools`. Adds tools that have a fee, or are unknown, to the options; an error for what cannot be read with certainty.
std::optional<Error> read_tools(MeterDialect dialect, const simdjson::dom::element& value, RequestFacts& facts);

// Reads `web_search_options` of chat completions.
std::optional<Error> read_web_search_options(const simdjson::dom::element& value, RequestFacts& facts);

// A value as a message may show it: short, and plain text.
std::string shown_value(const simdjson::dom::element& value);

} // namespace api_key
