// What the tokens of AI models cost (`api_key_prices`): whole pico-credits (1e-12 credit) per token, never a float.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/token_usage.h"

namespace api_key {

struct TokenPrices { // pico-credits per token, 0 to 1e12
    std::int64_t input = 0;
    std::int64_t cached_input = 0;
    std::int64_t cache_write = 0;
    std::int64_t cache_write_1h = 0;
    std::int64_t output = 0;
    std::int64_t reasoning = 0;
    bool operator==(const TokenPrices&) const = default;
};

struct PriceTier {
    std::int64_t above_input_tokens; // cached ones counted in; holds for the whole request
    TokenPrices prices;
};

struct ModelPrice {
    TokenPrices prices;
    std::vector<PriceTier> tiers; // ascending
    std::optional<std::int64_t> max_input_tokens;
    std::optional<std::int64_t> max_output_tokens;

    bool is_free() const;
};

class Prices {
  public:
    // LiteLLM's model_prices_and_context_window.json as it is. A price that is negative, above one credit a token or no number is an error
    // that names `model.member`. Models that are not sold by the token are left out, and so is `sample_spec`.
    static Result<Prices> parse(std::string_view json);

    // By the model's name, else by that name behind a provider's (`gemini/…`); null: there is no price.
    const ModelPrice* find(std::string_view model, std::string_view provider) const;

    std::size_t size() const { return models_.size(); }

  private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    std::unordered_map<std::string, ModelPrice, Hash, std::equal_to<>> models_;
};

// Micro-credits, rounded up, at most money_max_micro. `multiplier_millionths`: of the plan.
std::int64_t cost_micro_credits(const ModelPrice& price, const TokenUsage& usage, std::int64_t multiplier_millionths);

// The most that so many tokens can cost, whatever kinds they are of.
std::int64_t worst_cost_micro_credits(const ModelPrice& price, std::int64_t input_tokens, std::int64_t output_tokens,
                                      std::int64_t multiplier_millionths);

// `1.25e-06` as pico-credits, rounded up; nothing for a negative number, one above 1, or anything else.
std::optional<std::int64_t> pico_credits(std::string_view number);

} // namespace api_key
