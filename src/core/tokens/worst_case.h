// The maximum cost of a request, computed before its upstream is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/text/result.h"
#include "core/tokens/model_price.h"
#include "core/tokens/request_facts.h"

namespace api_key {

struct WorstCase {
    const PriceList* list = nullptr;           // of the requested service tier
    std::int64_t multiplier_millionths = 0;    // of the plan and the options combined
    std::int64_t fees_micro_credits = 0;       // of tools, included below
    std::optional<std::int64_t> micro_credits; // nothing: unknown, for lack of `missing`
    std::string_view missing;
};

// An error names the option that has no price. `container_fee`: for a code session, if the model has no such fee itself; pico-credits.
Result<WorstCase> worst_case(const ModelPrice& price, const RequestFacts& facts, std::int64_t plan_multiplier_millionths,
                             std::optional<std::int64_t> container_fee);

} // namespace api_key
