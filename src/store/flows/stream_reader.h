// Reads a part of a stream with a limit in bytes, so that large entries never make a large reply.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/command.h"
#include "store/script.h"

namespace api_key::store {

inline constexpr std::size_t page_bytes = std::size_t{1} << 20U; // of a list's answer; the rest is on the next page

enum class StreamOrder { oldest_first, newest_first };

// A range of ids (`+`, `-`, `(id` for an exclusive bound) and its limits.
struct StreamPart {
    std::string from;
    std::string to;
    std::size_t max_entries;
    std::size_t max_bytes; // of the entries' values; the last entry may exceed it
};

ScriptCall read_stream(std::string stream, StreamOrder order, StreamPart part);

// The entries of the script's answer, each an array of its id and its fields; null when the answer is something else.
const redisReply* stream_entries(const redisReply* reply);
bool is_stream_end(const redisReply* reply); // no entries follow these

} // namespace api_key::store
