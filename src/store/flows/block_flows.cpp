#include "store/flows/block_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

std::string hex_of(std::uint64_t number) {
    return to_hex({reinterpret_cast<const char*>(&number), sizeof number});
}

} // namespace

std::optional<Address> parse_network(std::string_view text) {
    const std::optional<AddressBlock> block = parse_address_block(text);
    if (!block || (block->prefix_bits != 64 && block->prefix_bits != 128)) {
        return std::nullopt;
    }
    return network_of(block->base);
}

std::vector<Command> CountFailure::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        const std::string network = format_network(network_);
        return call(scripts::count_failure::call(
            {.epoch = keyspace_.epoch(),
             .failures = keyspace_.failed(network),
             .blocks = keyspace_.blocks(),
             .version = keyspace_.blocks_version()},
            {.network = network, .attempt = hex_of(attempt_), .most = rule_.failed, .window_ms = rule_.window_ms, .for_ms = rule_.for_ms}));
    }
    if (!answer<scripts::count_failure::Answer>(replies[0])) {
        return {};
    }
    const std::uint64_t until_ms = number(replies[0], 1);
    blocked_for_ms_ = until_ms != 0 ? static_cast<std::int64_t>(until_ms - number(replies[0], 2)) : 0;
    return end(Outcome::done);
}

std::vector<Command> ReadBlocks::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"GET", keyspace_.blocks_version()},
                {"TIME"},
                {"ZREVRANGE", keyspace_.blocks(), "0", std::to_string(max_blocks - 1), "WITHSCORES"}};
    }
    version_ = whole_number(text(replies[0].get())).value_or(0);
    const std::optional<std::int64_t> now_ms = time_ms(replies[1].get());
    const redisReply* list = replies[2].get();
    if (!now_ms || !is_array(list)) {
        return give_up("unexpected replies to a list of blocks");
    }
    store_now_ms_ = *now_ms;
    for (std::size_t index = 0; index + 1 < list->elements; index += 2) {
        const std::optional<Address> network = parse_network(text(list->element[index]));
        const auto until_ms = static_cast<std::int64_t>(whole_number(text(list->element[index + 1])).value_or(0));
        if (network && until_ms > store_now_ms_) {
            blocks_.push_back({*network, until_ms});
        }
    }
    return end(Outcome::done);
}

std::vector<Command> SetBlock::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        const std::string network = format_network(network_);
        return call(scripts::set_block::call({.epoch = keyspace_.epoch(),
                                              .failures = keyspace_.failed(network),
                                              .blocks = keyspace_.blocks(),
                                              .version = keyspace_.blocks_version()},
                                             {.network = network, .for_ms = for_ms_}));
    }
    if (!answer<scripts::set_block::Answer>(replies[0])) {
        return {};
    }
    until_ms_ = static_cast<std::int64_t>(number(replies[0], 1));
    return end(Outcome::done);
}

} // namespace api_key::store
