#include "store/command.h"

namespace api_key::store {

namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr std::size_t max_length_size = 32; // of the line before an argument, and the end behind it

void append_length(std::string& bytes, char type, std::size_t length) {
    bytes += type;
    bytes += std::to_string(length);
    bytes += end_of_line;
}

} // namespace

std::string encode(const Command& command) {
    std::size_t size = max_length_size;
    for (const std::string& argument : command) {
        size += argument.size() + max_length_size;
    }
    std::string bytes;
    bytes.reserve(size);
    append_length(bytes, '*', command.size());
    for (const std::string& argument : command) {
        append_length(bytes, '$', argument.size());
        bytes += argument;
        bytes += end_of_line;
    }
    return bytes;
}

std::string_view text(const redisReply* reply) {
    if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS && reply->type != REDIS_REPLY_ERROR) {
        return {};
    }
    return {reply->str, static_cast<std::size_t>(reply->len)};
}

bool is_error(const redisReply* reply, std::string_view code) {
    return reply->type == REDIS_REPLY_ERROR && text(reply).substr(0, text(reply).find(' ')) == code;
}

} // namespace api_key::store
