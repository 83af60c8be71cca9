// Addresses that are blocked for trying too many wrong keys, in the store and so for all nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy/cidr.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

// `api_key_block`
struct BlockRule {
    std::uint32_t failed = 0; // failures that cause a block; 0: blocking is off
    std::int64_t window_ms = 0;
    std::int64_t for_ms = 0;
};

class CountFailure : public StepFlow {
  public:
    // `attempt` identifies what was sent: the same attempt counts once a minute.
    CountFailure(const Keyspace& keyspace, const Address& network, std::uint64_t attempt, const BlockRule& rule)
        : keyspace_(keyspace), network_(network), attempt_(attempt), rule_(rule) {}
    std::int64_t blocked_for_ms() const { return blocked_for_ms_; } // 0: not yet
    const Address& network() const { return network_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Address network_;
    std::uint64_t attempt_;
    BlockRule rule_;
    std::int64_t blocked_for_ms_ = 0;
};

struct BlockedNetwork {
    Address network;
    std::int64_t until_ms; // the store's clock
};

// Reads all blocks that have not ended, those that end last first, at most `max_blocks`.
class ReadBlocks : public StepFlow {
  public:
    static constexpr unsigned max_blocks = 10'000;

    explicit ReadBlocks(const Keyspace& keyspace) : keyspace_(keyspace) {}
    const std::vector<BlockedNetwork>& blocks() const { return blocks_; }
    std::uint64_t version() const { return version_; } // of the list, or of an older one
    std::int64_t store_now_ms() const { return store_now_ms_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::vector<BlockedNetwork> blocks_;
    std::uint64_t version_ = 0;
    std::int64_t store_now_ms_ = 0;
};

// Sets a block by hand; `for_ms` 0 ends one. not_found when there is none to end.
class SetBlock : public StepFlow {
  public:
    SetBlock(const Keyspace& keyspace, const Address& network, std::int64_t for_ms)
        : keyspace_(keyspace), network_(network), for_ms_(for_ms) {}
    std::int64_t until_ms() const { return until_ms_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Address network_;
    std::int64_t for_ms_;
    std::int64_t until_ms_ = 0;
};

// Parses a network as the store and the tool write it: an address, or an IPv6 /64. Nothing for any other prefix.
std::optional<Address> parse_network(std::string_view text);

} // namespace api_key::store
