// One Redis command and one reply, without a connection.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

namespace api_key::store {

// Arguments of one command, binary-safe.
using Command = std::vector<std::string>;

// The command in RESP.
std::string encode(const Command& command);

struct ReplyDeleter {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

std::string_view text(const redisReply* reply);                // of a string, status or error; empty otherwise
bool is_error(const redisReply* reply, std::string_view code); // `NOSCRIPT`, `READONLY` …: first word of an error reply

} // namespace api_key::store
