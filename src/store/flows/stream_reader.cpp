#include "store/flows/stream_reader.h"

#include "store/generated_scripts.h"
#include "store/replies.h"
#include "store/script.h"

namespace api_key::store {

const Script& stream_script() {
    static const Script* const script = new Script(scripts::read_stream_lua);
    return *script;
}

std::vector<std::string> stream_arguments(StreamOrder order, const StreamPart& part) {
    return {order == StreamOrder::oldest_first ? "XRANGE" : "XREVRANGE", part.from, part.to, std::to_string(part.most_entries),
            std::to_string(part.most_bytes)};
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
