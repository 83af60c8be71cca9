#include "core/tokens/model_price.h"

#include <algorithm>

#include "core/text/money.h"

namespace api_key {

namespace {

__extension__ using Wide = __int128; // tokens times pico-credits times millionths

// The prices of the tier that this many input tokens reach.
const TokenPrices& prices_for(const PriceList& list, std::int64_t input_tokens) {
    const TokenPrices* prices = &list.prices;
    for (const PriceTier& tier : list.tiers) {
        prices = input_tokens > tier.above_input_tokens ? &tier.prices : prices;
    }
    return *prices;
}

std::int64_t at_most(std::int64_t tokens) {
    return std::clamp<std::int64_t>(tokens, 0, max_token_count);
}

std::int64_t micro_credits(Wide pico, std::int64_t multiplier_millionths) {
    constexpr Wide divisor = Wide{1'000'000} * 1'000'000;
    const Wide micro = (pico * multiplier_millionths + divisor - 1) / divisor;
    return micro > money_max_micro ? money_max_micro : static_cast<std::int64_t>(micro);
}

TokenPrices dearest(const PriceList& list, std::int64_t input_tokens) {
    TokenPrices worst = list.prices;
    for (const PriceTier& tier : list.tiers) {
        if (input_tokens > tier.above_input_tokens) {
            worst.input = std::max(worst.input, tier.prices.input);
            worst.cached_input = std::max(worst.cached_input, tier.prices.cached_input);
            worst.cache_write = std::max(worst.cache_write, tier.prices.cache_write);
            worst.cache_write_1h = std::max(worst.cache_write_1h, tier.prices.cache_write_1h);
            worst.output = std::max(worst.output, tier.prices.output);
            worst.reasoning = std::max(worst.reasoning, tier.prices.reasoning);
        }
    }
    return worst;
}

} // namespace

bool PriceList::is_free() const {
    return prices == TokenPrices{} &&
           std::all_of(tiers.begin(), tiers.end(), [](const PriceTier& tier) { return tier.prices == TokenPrices{}; });
}

std::optional<std::int64_t> ToolFees::dearest_web_search() const {
    return std::max({web_search[0], web_search[1], web_search[2]});
}

const PriceList* ModelPrice::list(ServiceTier tier) const {
    const std::optional<PriceList>& list = lists[static_cast<std::size_t>(tier)];
    return list ? &*list : nullptr;
}

std::optional<std::int64_t> ModelPrice::multiplier(std::string_view option) const {
    const auto found = std::find_if(multipliers.begin(), multipliers.end(), [&](const auto& one) { return one.first == option; });
    return found != multipliers.end() ? std::optional(found->second) : std::nullopt;
}

std::int64_t cost_micro_credits(const PriceList& list, const TokenUsage& usage, std::int64_t multiplier_millionths) {
    const std::int64_t input_tokens =
        at_most(usage.input) + at_most(usage.cached_input) + at_most(usage.cache_write) + at_most(usage.cache_write_1h);
    const TokenPrices& prices = prices_for(list, input_tokens);
    const std::int64_t reasoning_tokens = std::min(at_most(usage.reasoning), at_most(usage.output));
    Wide pico = Wide{at_most(usage.input)} * prices.input + Wide{at_most(usage.cached_input)} * prices.cached_input;
    pico += Wide{at_most(usage.cache_write)} * prices.cache_write + Wide{at_most(usage.cache_write_1h)} * prices.cache_write_1h;
    pico += Wide{at_most(usage.output) - reasoning_tokens} * prices.output + Wide{reasoning_tokens} * prices.reasoning;
    return micro_credits(pico, multiplier_millionths);
}

std::int64_t worst_cost_micro_credits(const PriceList& list, std::int64_t input_tokens, std::int64_t output_tokens,
                                      std::int64_t multiplier_millionths) {
    const TokenPrices worst = dearest(list, input_tokens);
    const std::int64_t input_price = std::max({worst.input, worst.cached_input, worst.cache_write, worst.cache_write_1h});
    const std::int64_t output_price = std::max(worst.output, worst.reasoning);
    return micro_credits(Wide{at_most(input_tokens)} * input_price + Wide{at_most(output_tokens)} * output_price, multiplier_millionths);
}

std::int64_t fees_micro_credits(std::int64_t fee, std::int64_t calls, std::int64_t multiplier_millionths) {
    return micro_credits(Wide{fee} * at_most(calls), multiplier_millionths);
}

std::int64_t combined_millionths(std::int64_t one, std::int64_t other) {
    return static_cast<std::int64_t>((Wide{one} * other + 999'999) / 1'000'000);
}

} // namespace api_key
