// What an answer costs by how it says that it was served: its service tier, its speed, its region, the tools that were used.
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

// `asked`: by the request, with the multiplier of its options and of its plan in one, and the fees that are held. What the answer does not
// tell costs what was asked for. Nothing where it tells something that may be dearer and has no price.
std::optional<ServedPrice> served_price(const ModelPrice& price, const Service& service, const ServedPrice& asked,
                                        std::int64_t plan_multiplier_millionths);

} // namespace api_key
