// The token usage that an answer of an AI API reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace api_key {

constexpr std::int64_t max_token_count = 1'000'000'000'000; // a larger number is not a count of tokens

// A short word of an answer; a longer one is cut and so is a different word.
struct ShortWord {
    static constexpr std::size_t max_length = 23;

    std::array<char, max_length> text{};
    std::uint8_t size = 0;

    void set(std::string_view word) { size = static_cast<std::uint8_t>(word.substr(0, max_length).copy(text.data(), max_length)); }
    std::string_view view() const { return {text.data(), size}; }
    bool operator==(const ShortWord&) const = default;
};

// Calls of tools that the vendor runs and charges a fee for.
struct ToolCalls {
    std::int64_t web_searches = 0;
    std::int64_t file_searches = 0;
    std::int64_t code_sessions = 0;
    bool operator==(const ToolCalls&) const = default;
};

// How an answer reports to have been served: a word is empty if it is not reported.
struct Service {
    ShortWord tier;
    ShortWord speed;
    ShortWord region;
    ToolCalls calls;
    bool operator==(const Service&) const = default;
};

struct TokenUsage {
    bool known = false;              // the answer reported its usage
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
