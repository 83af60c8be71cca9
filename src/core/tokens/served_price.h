// The price of an answer by how it reports to have been served: its service tier, its speed, its region, the tools that were used.
#pragma once

#include <cstdint>
#include <optional>

#include "core/tokens/model_price.h"
#include "core/tokens/token_usage.h"

namespace api_key {

struct ServedPrice {
    const PriceList* list;
    std::int64_t multiplier_millionths;
    std::int64_t fees_micro_credits;
};

// `asked`: the price that the request asked for, with the multipliers of its options and its plan combined, and with the reserved fees. It
// applies to whatever the answer does not report. Nothing if the answer reports something that may cost more and has no price.
std::optional<ServedPrice> served_price(const ModelPrice& price, const Service& service, const ServedPrice& asked,
                                        std::int64_t plan_multiplier_millionths);

} // namespace api_key
