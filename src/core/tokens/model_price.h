// The prices of a model: whole pico-credits (1e-12 credit) per token and per call of a tool, never a float.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/tokens/token_usage.h"

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
    std::int64_t above_input_tokens; // including cached ones; holds for the whole request
    TokenPrices prices;
};

struct PriceList {
    TokenPrices prices;
    std::vector<PriceTier> tiers; // ascending

    bool is_free() const;
};

// The service tiers; each has a price list of its own.
enum class ServiceTier : std::uint8_t { standard, priority, flex, batch };
inline constexpr std::size_t service_tier_count = 4;

// Pico-credits per call; nothing: unknown.
struct ToolFees {
    std::array<std::optional<std::int64_t>, 3> web_search; // by the size of its context: low, medium, high
    std::optional<std::int64_t> file_search;
    std::optional<std::int64_t> code_interpreter; // a session

    std::optional<std::int64_t> dearest_web_search() const;
};

struct ModelPrice {
    std::array<std::optional<PriceList>, service_tier_count> lists; // by the service tier; `standard` is always there
    std::vector<std::pair<std::string, std::int64_t>> multipliers;  // millionths, by option of a request: `fast`, `us`
    ToolFees fees;
    std::optional<std::int64_t> audio_input;  // pico-credits per token
    std::optional<std::int64_t> media_output; // … the higher of audio and pictures
    bool sells_long_cache = false;            // writes to a cache for an hour have a price of their own
    std::optional<std::int64_t> max_input_tokens;
    std::optional<std::int64_t> max_output_tokens;

    const PriceList& standard() const { return *lists[0]; }
    const PriceList* list(ServiceTier tier) const; // null: not offered
    std::optional<std::int64_t> multiplier(std::string_view option) const;
};

// Micro-credits, rounded up, at most money_max_micro. `multiplier_millionths`: of the plan and the request's options combined.
std::int64_t cost_micro_credits(const PriceList& list, const TokenUsage& usage, std::int64_t multiplier_millionths);

// The maximum cost of this many tokens, whatever their kind.
std::int64_t worst_cost_micro_credits(const PriceList& list, std::int64_t input_tokens, std::int64_t output_tokens,
                                      std::int64_t multiplier_millionths);

// The cost of `calls` of a tool at `fee` pico-credits each, in micro-credits.
std::int64_t fees_micro_credits(std::int64_t fee, std::int64_t calls, std::int64_t multiplier_millionths);

// The product of two multipliers, rounded up.
std::int64_t combined_millionths(std::int64_t one, std::int64_t other);

} // namespace api_key
