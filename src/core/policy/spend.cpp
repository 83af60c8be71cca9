#include "core/policy/spend.h"

#include <chrono>

namespace api_key {

std::int64_t month_begin_ms(std::int64_t month) {
    const std::chrono::year_month_day first{std::chrono::year(static_cast<int>(month / 12)),
                                            std::chrono::month(static_cast<unsigned>(month % 12) + 1), std::chrono::day(1)};
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::sys_days(first).time_since_epoch()).count();
}

} // namespace api_key
