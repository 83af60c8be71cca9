#include <memory>

#include "core/text/time_text.h"
#include "store/flows/block_flows.h"
#include "tool/commands.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

struct BlockArguments {
    std::string address;
    std::int64_t for_s = 3600;
};

Address network_named(const BlockArguments& arguments) {
    const std::optional<Address> network = store::parse_network(arguments.address);
    if (!network) {
        fail(exit_usage, "expected an IPv4 or IPv6 address, or an IPv6 block of 64 bits");
    }
    return *network;
}

Json block_object(const Address& network, std::int64_t until_ms) {
    Json object(json_object());
    json_object_set_new(object.get(), "address", json_text(format_network(network)).release());
    json_object_set_new(object.get(), "until", json_text(format_rfc3339(until_ms)).release());
    return object;
}

void list_blocks(const Options& options) {
    Session session(options);
    store::ReadBlocks flow(session.keyspace());
    session.run(flow);
    Json array(json_array());
    for (const store::BlockedNetwork& block : flow.blocks()) {
        json_array_append_new(array.get(), block_object(block.network, block.until_ms).release());
    }
    session.print(array, {"address", "until"});
}

void add(const Options& options, const BlockArguments& arguments) {
    const Address network = network_named(arguments);
    Session session(options);
    store::SetBlock flow(session.keyspace(), network, arguments.for_s * 1000);
    session.run(flow);
    session.print(block_object(network, flow.until_ms()));
}

void remove_block(const Options& options, const BlockArguments& arguments) {
    const Address network = network_named(arguments);
    Session session(options);
    store::SetBlock flow(session.keyspace(), network, 0);
    session.run(flow, "a block of " + format_network(network));
    Json object(json_object());
    json_object_set_new(object.get(), "address", json_text(format_network(network)).release());
    json_object_set_new(object.get(), "removed", json_true());
    session.print(object);
}

} // namespace

void add_block_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<BlockArguments>();
    CLI::App* block = app.add_subcommand("block", "blocked IP addresses")->require_subcommand(1);
    block->add_subcommand("list", "addresses that are blocked now, the longest first")->callback([&options] { list_blocks(options); });
    CLI::App* adding = block->add_subcommand("add", "block an address on all nodes");
    adding->add_option("address", arguments->address, "IPv4 or IPv6; of IPv6 its /64 is blocked")->required();
    adding->add_option("--for", arguments->for_s, "for how long: 30s, 15m, 1h, 7d; by default 1h")->transform(duration(1, 31'536'000));
    adding->callback([&options, arguments] { add(options, *arguments); });
    CLI::App* removing = block->add_subcommand("remove", "end a block, and forget the failed attempts of the address");
    removing->add_option("address", arguments->address, "as it was blocked")->required();
    removing->callback([&options, arguments] { remove_block(options, *arguments); });
}

} // namespace api_key::tool
