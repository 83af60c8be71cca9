// Reading JSON documents that people write: what is wrong is said with the field's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/json.h"
#include "core/text/result.h"

namespace api_key {

// The object that `text` is. `subject` begins the message when it is none (`The request body`). All numbers come as floating point, which
// has a value for those that no 64 bits hold as well: they are out of range in their field then, not a syntax error without one.
Result<Json> read_object(std::string_view subject, std::string_view text);

// `field: expected`
Error wrong(std::string_view field, std::string_view expected);

// Exact: within the 2^53 up to which floating point holds every whole number. Nothing for anything else.
std::optional<std::int64_t> whole_number(const json_t* value, std::int64_t least, std::int64_t most);

// An amount of at most six decimals, as a decimal text or a number, in millionths. Nothing for anything else.
std::optional<std::int64_t> millionths(const json_t* value);

} // namespace api_key
