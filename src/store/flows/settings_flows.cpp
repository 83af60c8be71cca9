#include "store/flows/settings_flows.h"

#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::uint64_t lately_ms = 3000; // a node sends a heartbeat every 250 ms

} // namespace

std::vector<Command> PublishSettings::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {
            {"HSET", keyspace_.node_settings(), node_, settings_}, {"HKEYS", keyspace_.node_settings()}, {"HGETALL", keyspace_.nodes()}};
    }
    if (is_published_ || !is_array(replies[1].get())) {
        return end(Outcome::done);
    }
    is_published_ = true;
    Command forget{"HDEL", keyspace_.node_settings()};
    for (std::size_t index = 0; index < replies[1]->elements; index++) {
        const std::string_view name = text(replies[1]->element[index]);
        if (name != node_ && !find_hash_field(replies[2].get(), name)) {
            forget.emplace_back(name);
        }
    }
    return forget.size() > 2 ? std::vector<Command>{std::move(forget)} : end(Outcome::done);
}

std::vector<Command> ReadSettings::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"HGETALL", keyspace_.node_settings()}, {"HGETALL", keyspace_.nodes()}, {"TIME"}};
    }
    const redisReply* settings = replies[0].get();
    const std::int64_t now_ms = time_ms(replies[2].get()).value_or(0);
    std::vector<NodeSettings> gone;
    for (std::size_t index = 0; is_array(settings) && index + 1 < settings->elements; index += 2) {
        std::optional<NodeSettings> node = read_node_settings(text(settings->element[index + 1]));
        if (!node) {
            continue;
        }
        const std::string_view state = hash_field(replies[1].get(), text(settings->element[index])); // see scripts/shared/nodes.lua
        const std::uint64_t seen_ms = whole_number(state.substr(0, state.find(' '))).value_or(0);
        const bool is_there = static_cast<std::uint64_t>(now_ms) <= seen_ms + lately_ms;
        (is_there ? nodes_ : gone).push_back(std::move(*node));
    }
    if (nodes_.empty()) {
        nodes_ = std::move(gone);
    }
    return end(Outcome::done);
}

} // namespace api_key::store
