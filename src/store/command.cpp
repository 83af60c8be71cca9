#include "store/command.h"

namespace api_key::store {

std::string encode(const Command& command) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> lengths;
    for (const std::string& argument : command) {
        arguments.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    char* formatted = nullptr;
    const int size = redisFormatCommandArgv(&formatted, static_cast<int>(command.size()), arguments.data(), lengths.data());
    if (size < 0) {
        return {};
    }
    std::string bytes(formatted, static_cast<std::size_t>(size));
    redisFreeCommand(formatted);
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
