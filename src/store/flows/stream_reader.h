// A part of a stream, asked for by bytes: however large its entries are, no reply is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/command.h"
#include "store/script.h"

namespace api_key::store {

inline constexpr std::size_t page_bytes = std::size_t{1} << 20U; // of a list's answer: what comes after is on the next page

enum class StreamOrder { oldest_first, newest_first };

// What is asked for: from one id to another (`+`, `-`, `(id` for what lies beyond it).
struct StreamPart {
    std::string from;
    std::string to;
    std::size_t max_entries;
    std::size_t max_bytes; // of the entries' values; the last one may go beyond
};

ScriptCall read_stream(std::string stream, StreamOrder order, StreamPart part);

// The entries of the script's answer, each an array of its id and its fields; null when the answer is something else.
const redisReply* stream_entries(const redisReply* reply);
bool is_stream_end(const redisReply* reply); // nothing comes after these

} // namespace api_key::store
