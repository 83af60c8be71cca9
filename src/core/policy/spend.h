// A key's spend in a calendar month (UTC).
#pragma once

#include <cstdint>

namespace api_key {

struct SpendState {
    std::int64_t month = 0; // year × 12 + month of the year from 0
    std::int64_t used = 0;  // micro-credits
    std::int64_t held = 0;  // reserved for requests that are not settled yet
};

// When this month begins, in milliseconds since 1970.
std::int64_t month_begin_ms(std::int64_t month);

} // namespace api_key
