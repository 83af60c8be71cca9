// RFC 3339 times and nothing else. Milliseconds since 1970 in UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api_key {

// Reads `2025-12-31T00:00:00Z`, fractions and any offset. Nothing for a date that does not exist, a missing offset, a leap
// second's :60 (accepted only as 23:59:60Z, read as the next second), years before 1970 or beyond 9999, or trailing text.
std::optional<std::int64_t> parse_rfc3339_ms(std::string_view text);

// `2024-01-15T10:00:00Z`; milliseconds only when they are not 0 (`…:00.250Z`). Times beyond the years 0000 to 9999 are written as the
// first or last of those.
std::string format_rfc3339(std::int64_t unix_ms);

} // namespace api_key
