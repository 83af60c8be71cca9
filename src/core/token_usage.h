// Tokens that an answer of an AI API says it has used.
#pragma once

#include <cstdint>

namespace api_key {

struct TokenUsage {
    bool known = false;              // the answer told its usage
    std::int64_t input = 0;          // tokens of the prompt that were neither read from nor written to a cache
    std::int64_t cached_input = 0;   // read from a cache
    std::int64_t cache_write = 0;    // written to a cache (for five minutes)
    std::int64_t cache_write_1h = 0; // written to a cache for an hour
    std::int64_t output = 0;         // all that was generated, reasoning and thoughts included
    std::int64_t reasoning = 0;      // of these, reasoning or thoughts
    std::int64_t all_input() const { return input + cached_input + cache_write + cache_write_1h; }
    bool operator==(const TokenUsage&) const = default;
};

} // namespace api_key
