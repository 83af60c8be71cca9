// Values as tables show them.
#pragma once

#include <string>
#include <string_view>

#include "core/text/json.h"

namespace api_key::tool {

// For a terminal: without control characters for it to obey, and without what is no UTF-8.
std::string shown_text(std::string_view text);

// No quotes, no JSON: a list has commas, an object `daily=60 total=100`, or the words of who did something.
std::string cell(const json_t* value);

bool is_number_cell(std::string_view text);
bool is_time_cell(std::string_view text);

// The columns of a terminal that a text takes.
std::size_t shown_width(std::string_view text);

// At most so wide; what was cut ends with `…`.
std::string cut_to(std::string_view text, std::size_t width);

// Spaces up to this width, before or after it.
std::string padded(const std::string& text, std::size_t width, bool to_the_right);

// `createdAt` as `CREATED`, `keyId` as `KEY ID`, `quotas.daily` as `QUOTAS DAILY`.
std::string heading_of(std::string_view member);

} // namespace api_key::tool
