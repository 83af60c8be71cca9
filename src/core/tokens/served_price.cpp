#include "core/tokens/served_price.h"

#include <algorithm>
#include <array>
#include <utility>

namespace api_key {

namespace {

struct TierName {
    std::string_view name;
    ServiceTier tier;
};

// The tier names of OpenAI, Anthropic and Gemini. Capacity that was paid for in advance is charged at the standard price.
constexpr std::array<TierName, 14> tier_names{{
    {"default", ServiceTier::standard},
    {"auto", ServiceTier::standard},
    {"standard", ServiceTier::standard},
    {"on_demand", ServiceTier::standard},
    {"ON_DEMAND", ServiceTier::standard},
    {"scale", ServiceTier::standard},
    {"PROVISIONED_THROUGHPUT", ServiceTier::standard},
    {"priority", ServiceTier::priority},
    {"PRIORITY", ServiceTier::priority},
    {"ON_DEMAND_PRIORITY", ServiceTier::priority},
    {"flex", ServiceTier::flex},
    {"FLEX", ServiceTier::flex},
    {"ON_DEMAND_FLEX", ServiceTier::flex},
    {"batch", ServiceTier::batch},
}};

// Flex and batch are cheaper than standard, so the standard price applies if they have none.
const PriceList* list_for(const ModelPrice& price, std::string_view tier, const PriceList* asked) {
    if (tier.empty()) {
        return asked;
    }
    const auto* const found = std::find_if(tier_names.begin(), tier_names.end(), [&](const TierName& one) { return one.name == tier; });
    if (found == tier_names.end()) {
        return nullptr;
    }
    const PriceList* const list = price.list(found->tier);
    return list != nullptr || found->tier == ServiceTier::priority ? list : &price.standard();
}

std::optional<std::int64_t> multiplied(const ModelPrice& price, std::string_view option, std::int64_t multiplier_millionths) {
    constexpr std::array<std::string_view, 4> usual{"", "standard", "global", "not_available"};
    if (std::find(usual.begin(), usual.end(), option) != usual.end()) {
        return multiplier_millionths;
    }
    const std::optional<std::int64_t> by_option = price.multiplier(option);
    return by_option ? std::optional(combined_millionths(multiplier_millionths, *by_option)) : std::nullopt;
}

std::optional<std::int64_t> fees_of(const ModelPrice& price, const ToolCalls& calls, std::int64_t multiplier_millionths) {
    const std::array<std::pair<std::int64_t, std::optional<std::int64_t>>, 3> used{{
        {calls.web_searches, price.fees.dearest_web_search()},
        {calls.file_searches, price.fees.file_search},
        {calls.code_sessions, price.fees.code_interpreter},
    }};
    std::int64_t sum = 0;
    for (const auto& [count, fee] : used) {
        if (count != 0 && !fee) {
            return std::nullopt;
        }
        sum += count != 0 ? fees_micro_credits(*fee, count, multiplier_millionths) : 0;
    }
    return sum;
}

} // namespace

std::optional<ServedPrice> served_price(const ModelPrice& price, const Service& service, const ServedPrice& asked,
                                        std::int64_t plan_multiplier_millionths) {
    const PriceList* const list = list_for(price, service.tier.view(), asked.list);
    std::optional<std::int64_t> multiplier = multiplied(price, service.speed.view(), plan_multiplier_millionths);
    multiplier = multiplier ? multiplied(price, service.region.view(), *multiplier) : std::nullopt;
    const std::optional<std::int64_t> fees = fees_of(price, service.calls, plan_multiplier_millionths);
    if (list == nullptr || !multiplier || !fees) {
        return std::nullopt;
    }
    return ServedPrice{list, std::max(*multiplier, asked.multiplier_millionths), std::max(*fees, asked.fees_micro_credits)};
}

} // namespace api_key
