#include "store/flows/node_flows.h"

#include <algorithm>
#include <cstring>

#include "core/secrets/digest.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

std::uint64_t tag_of(std::string_view epoch) {
    std::uint64_t tag = 0;
    if (const auto digest = sha256(epoch)) {
        std::memcpy(&tag, digest->data(), sizeof tag);
    }
    return tag | 1U;
}

} // namespace

std::vector<Command> Heartbeat::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        if (node_ == nullptr) { // as heartbeat.lua answers
            return {{"MGET", keyspace_.epoch(), keyspace_.schema(), keyspace_.sequence(), keyspace_.blocks_version()}};
        }
        return call(scripts::heartbeat::call({.epoch = keyspace_.epoch(),
                                              .schema = keyspace_.schema(),
                                              .sequence_key = keyspace_.sequence(),
                                              .blocks_version = keyspace_.blocks_version(),
                                              .nodes = keyspace_.nodes()},
                                             {.name = node_->name, .trust_ms = node_->trust_ms, .reported = applied_}));
    }
    const redisReply* reply = replies[0].get();
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4) {
        return give_up("unexpected reply to a heartbeat");
    }
    read(reply);
    return end(Outcome::done);
}

void Heartbeat::read(const redisReply* reply) {
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

std::vector<Command> Acknowledge::step(std::span<const Reply> replies) {
    return replies.empty() ? call(scripts::acknowledge::call({.nodes = keyspace_.nodes()}, {.name = node_, .number = applied_}))
                           : end_if_ok<scripts::acknowledge::Answer>(replies[0]);
}

std::vector<Command> LateNodes::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(scripts::late_nodes::call({.nodes = keyspace_.nodes(), .sequence_key = keyspace_.sequence()},
                                              {.number = sequence_, .asking = asking_, .silent_ms = silent_after_ms}));
    }
    if (!answer<scripts::late_nodes::Answer>(replies[0])) {
        return {};
    }
    for (std::size_t index = 1; index + 2 < replies[0]->elements; index += 3) {
        nodes_.push_back({std::string(word(replies[0], index)), number(replies[0], index + 1) == 1,
                          whole_number(word(replies[0], index + 2)).value_or(0)});
    }
    return end(Outcome::done);
}

std::vector<Command> ListNodes::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"HGETALL", keyspace_.nodes()}, {"GET", keyspace_.sequence()}, {"TIME"}};
    }
    const redisReply* nodes = replies[0].get();
    const std::optional<std::int64_t> now_ms = time_ms(replies[2].get());
    if (!is_array(nodes) || !now_ms) {
        return give_up("unexpected replies to a list of the nodes");
    }
    store_now_ms_ = *now_ms;
    sequence_ = whole_number(text(replies[1].get())).value_or(0);
    for (std::size_t index = 0; index + 1 < nodes->elements; index += 2) {
        const std::string_view state = text(nodes->element[index + 1]); // see scripts/shared/nodes.lua
        const std::size_t first = std::min(state.find(' '), state.size());
        const std::size_t second = std::min(state.find(' ', std::min(first + 1, state.size())), state.size());
        const std::optional<std::uint64_t> seen = whole_number(state.substr(0, first));
        const std::optional<std::uint64_t> trust =
            whole_number(state.substr(std::min(first + 1, second), second - std::min(first + 1, second)));
        const std::optional<std::uint64_t> applied = whole_number(state.substr(std::min(second + 1, state.size())));
        if (seen && trust && applied) {
            nodes_.push_back(
                {std::string(text(nodes->element[index])), static_cast<std::int64_t>(*seen), static_cast<std::int64_t>(*trust), *applied});
        }
    }
    return end(Outcome::done);
}

std::vector<Command> ForgetNode::step(std::span<const Reply> replies) {
    return replies.empty() ? std::vector<Command>{{"HDEL", keyspace_.nodes(), node_}} : end(Outcome::done);
}

} // namespace api_key::store
