// The parts of a request to an AI API that determine its model, its price and its worst-case cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace api_key {

// An option that may change the price of a token, or has a price of its own.
enum class AskedFor : std::uint8_t {
    service_tier,
    multiplier, // by the option's value: `fast`, `us`
    web_search,
    file_search,
    code_interpreter,
    long_cache,   // writes to a cache for an hour
    audio_input,  // which may cost more than text
    media_output, // `value` is empty if the model may make it without being asked to
    unknown,      // its cost is unknown
};

struct AskedOption {
    AskedFor what;
    std::string field;
    std::string value;
    std::int64_t calls = 0; // of a tool, at most
    bool operator==(const AskedOption&) const = default;
};

inline constexpr std::size_t max_value_length = 64; // that a message shows
inline constexpr std::int64_t max_tool_calls = 10;  // that an upstream makes by itself if the request sets no limit
inline constexpr std::int64_t max_uses = 1000;      // the highest limit that a request may set

struct RequestFacts {
    std::string model;                             // empty: the body names none
    std::optional<std::int64_t> max_output_tokens; // of one answer: the largest of the members that the API reads
    std::int64_t answers = 1;                      // that are generated: choices times prompts
    bool streams = false;
    bool asks_for_usage = false;  // stream_options.include_usage
    bool input_elsewhere = false; // not all of the input is text in the body, so its size is no bound
    std::int64_t tool_calls = 0;  // by the upstream itself, at most; after each, it reads the input again, longer
    std::vector<AskedOption> options;
    std::int64_t bytes = 0; // of the body, which has at most as many tokens
};

} // namespace api_key
