#include "store/flows/stream_reader.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

ScriptCall read_stream(std::string stream, StreamOrder order, StreamPart part) {
    return scripts::read_stream::call({.stream = std::move(stream)},
                                      {.command = order == StreamOrder::oldest_first ? "XRANGE" : "XREVRANGE",
                                       .from = std::move(part.from),
                                       .to = std::move(part.to),
                                       .most = part.max_entries,
                                       .room = part.max_bytes});
}

const redisReply* stream_entries(const redisReply* reply) {
    const bool is_good =
        is_array(reply) && reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_INTEGER && is_array(reply->element[1]);
    return is_good ? reply->element[1] : nullptr;
}

bool is_stream_end(const redisReply* reply) {
    return reply->element[0]->integer != 0;
}

} // namespace api_key::store
