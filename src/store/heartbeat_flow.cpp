#include "store/heartbeat_flow.h"

#include <cstring>

#include "core/digest.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::string_view schema_version = "1";

std::uint64_t tag_of(std::string_view epoch) {
    std::uint64_t tag = 0;
    if (const auto digest = sha256(epoch)) {
        std::memcpy(&tag, digest->data(), sizeof tag);
    }
    return tag | 1U;
}

} // namespace

std::vector<Command> HeartbeatFlow::next(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"MGET", keyspace_.epoch(), keyspace_.schema(), keyspace_.sequence(), keyspace_.blocks_version()}};
    }
    const redisReply* reply = replies[0].get();
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4) {
        fail(reply->type == REDIS_REPLY_ERROR ? printable(text(reply)) : "unexpected reply to MGET");
        return {};
    }
    outcome_ = Outcome::done;
    read(reply);
    return {};
}

void HeartbeatFlow::read(const redisReply* reply) {
    const redisReply* epoch = reply->element[0];
    const redisReply* schema = reply->element[1];
    const std::string_view sequence = text(reply->element[2]);
    if (epoch->type != REDIS_REPLY_STRING) {
        problem_ = "it is empty (no epoch record; \"apikeyctl account create\" makes one)";
        return;
    }
    if (text(schema) != schema_version) {
        problem_ = "its schema version is not 1";
        return;
    }
    epoch_tag_ = tag_of(text(epoch));
    const std::optional<std::uint64_t> number = whole_number(sequence.empty() ? "0" : sequence);
    if (!number) {
        problem_ = "its change counter is not a number";
        return;
    }
    sequence_ = *number;
    blocks_version_ = whole_number(text(reply->element[3])).value_or(0);
}

} // namespace api_key::store
