#include "core/tokens/worst_case.h"

#include <algorithm>
#include <string>

#include "core/text/money.h"

namespace api_key {

namespace {

// Tokens that an API adds to a request's own text: system prompts of tools, message delimiters.
constexpr std::int64_t template_tokens = 1024;

Error unpriced(const AskedOption& option) {
    const std::string what = option.value.empty() ? "what it may make beside text" : option.value;
    return {option.field, option.field + ": " + what + " has no price here"};
}

std::optional<ServiceTier> service_tier_of(std::string_view name) {
    return name == "priority" ? std::optional(ServiceTier::priority) : name == "flex" ? std::optional(ServiceTier::flex) : std::nullopt;
}

bool is_dearer(const std::optional<std::int64_t>& price, std::int64_t than) {
    return price && *price > than;
}

class Pricing {
  public:
    Pricing(const ModelPrice& price, std::int64_t plan_multiplier, std::optional<std::int64_t> container_fee, WorstCase& result)
        : price_(price), plan_multiplier_(plan_multiplier), container_fee_(container_fee), result_(result) {
        result.list = &price.standard();
        result.multiplier_millionths = plan_multiplier;
    }

    // False if the option has no price.
    bool add(const AskedOption& option) {
        switch (option.what) {
        case AskedFor::service_tier:
            return choose(service_tier_of(option.value));
        case AskedFor::multiplier:
            return multiply(price_.multiplier(option.value));
        case AskedFor::web_search:
            return charge(price_.fees.dearest_web_search(), option.calls);
        case AskedFor::file_search:
            return charge(price_.fees.file_search, option.calls);
        case AskedFor::code_interpreter:
            return charge(price_.fees.code_interpreter ? price_.fees.code_interpreter : container_fee_, option.calls);
        case AskedFor::long_cache:
            return price_.sells_long_cache;
        case AskedFor::audio_input:
            return !is_dearer(price_.audio_input, price_.standard().prices.input);
        case AskedFor::media_output:
            return option.value.empty() && !is_dearer(price_.media_output, price_.standard().prices.output);
        case AskedFor::unknown:
            break;
        }
        return false;
    }

  private:
    bool choose(std::optional<ServiceTier> tier) {
        const PriceList* list = tier ? price_.list(*tier) : nullptr;
        result_.list = list != nullptr ? list : result_.list;
        return list != nullptr;
    }

    bool multiply(std::optional<std::int64_t> by) {
        result_.multiplier_millionths = combined_millionths(result_.multiplier_millionths, by.value_or(1'000'000));
        return by.has_value();
    }

    bool charge(std::optional<std::int64_t> fee, std::int64_t calls) {
        result_.fees_micro_credits += fees_micro_credits(fee.value_or(0), calls, plan_multiplier_);
        return fee.has_value();
    }

    const ModelPrice& price_;
    std::int64_t plan_multiplier_;
    std::optional<std::int64_t> container_fee_;
    WorstCase& result_;
};

std::int64_t product(std::int64_t tokens, std::int64_t times) {
    std::int64_t all = 0;
    return __builtin_mul_overflow(tokens, times, &all) ? max_token_count : std::min(all, max_token_count);
}

// Nothing if some input is not in the body, and so of any size, and the model has no input limit.
std::optional<std::int64_t> max_input(const ModelPrice& price, const RequestFacts& facts) {
    const std::int64_t text = facts.bytes + template_tokens; // a token has at least one byte
    if (facts.input_elsewhere) {
        return price.max_input_tokens ? std::optional(product(*price.max_input_tokens, facts.tool_calls + 1)) : std::nullopt;
    }
    return std::min(text, price.max_input_tokens.value_or(text));
}

std::optional<std::int64_t> max_output(const ModelPrice& price, const RequestFacts& facts) {
    std::optional<std::int64_t> output = facts.max_output_tokens;
    if (price.max_output_tokens && (!output || *output > *price.max_output_tokens)) {
        output = price.max_output_tokens;
    }
    return output ? std::optional(product(*output, facts.answers)) : std::nullopt;
}

} // namespace

Result<WorstCase> worst_case(const ModelPrice& price, const RequestFacts& facts, std::int64_t plan_multiplier_millionths,
                             std::optional<std::int64_t> container_fee) {
    WorstCase result;
    Pricing pricing(price, plan_multiplier_millionths, container_fee, result);
    for (const AskedOption& option : facts.options) {
        if (!pricing.add(option)) {
            return unpriced(option);
        }
    }
    const bool is_free = result.list->is_free();
    const std::optional<std::int64_t> input = is_free ? 0 : max_input(price, facts);
    const std::optional<std::int64_t> output = is_free ? 0 : max_output(price, facts);
    result.missing = !input    ? "The cost of input that is not in the request itself is not known for this model"
                     : !output ? "max_tokens: is required for this model"
                               : "";
    if (input && output) {
        const std::int64_t tokens = worst_cost_micro_credits(*result.list, *input, *output, result.multiplier_millionths);
        result.micro_credits = std::min(tokens + result.fees_micro_credits, money_max_micro);
    }
    return result;
}

} // namespace api_key
