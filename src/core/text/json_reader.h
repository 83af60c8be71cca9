// Reads JSON documents that people write; an error names the field at fault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/json.h"
#include "core/text/result.h"

namespace api_key {

// Reads `text` as an object. `subject` (`The request body`) begins the message if it is not one. All numbers are read as floating point, so
// that one too large for 64 bits is reported as out of range in its field, not as a syntax error without a field.
Result<Json> read_object(std::string_view subject, std::string_view text);

// `field: expected`
Error wrong(std::string_view field, std::string_view expected);

// A whole number from `least` to `most`, exact because these bounds are within the 2^53 up to which floating point holds every whole
// number. Nothing for anything else.
std::optional<std::int64_t> whole_number(const json_t* value, std::int64_t least, std::int64_t most);

// An amount of at most six decimals, as a decimal text or a number, in millionths. Nothing for anything else.
std::optional<std::int64_t> millionths(const json_t* value);

} // namespace api_key
