// What a request to an AI API asks for, as far as its model, its price and its worst case go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace api_key {

// What may change the price of a token, or has one of its own.
enum class AskedFor : std::uint8_t {
    service_tier,
    multiplier, // by the option's value: `fast`, `us`
    web_search,
    file_search,
    code_interpreter,
    long_cache,   // writes to a cache for an hour
    audio_input,  // which may be dearer than text
    media_output, // `value` is empty where nobody asked for it and the model may make it all the same
    unknown,      // nobody can say what it costs
};

struct AskedOption {
    AskedFor what;
    std::string field;
    std::string value;
    std::int64_t calls = 0; // of a tool, at the most
    bool operator==(const AskedOption&) const = default;
};

inline constexpr std::size_t max_value_length = 64; // that a message shows
inline constexpr std::int64_t max_tool_calls = 10;  // that an upstream makes by itself where the request does not say
inline constexpr std::int64_t max_uses = 1000;      // that a request may say

struct RequestFacts {
    std::string model;                             // empty: the body names none
    std::optional<std::int64_t> max_output_tokens; // of one answer: the largest that is named where the API looks for it
    std::int64_t answers = 1;                      // that are generated: choices times prompts
    bool streams = false;
    bool asks_for_usage = false;  // stream_options.include_usage
    bool input_elsewhere = false; // not all of the input is text in the body: its size says nothing
    std::int64_t tool_calls = 0;  // by the upstream itself, at the most: after each the input is read again, longer
    std::vector<AskedOption> options;
    std::int64_t bytes = 0; // of the body: no text has more tokens
};

} // namespace api_key
