// Addresses that this node blocks for trying too many wrong keys: checked before anything else, without the store and without a lock.
#pragma once

#include <cstdint>
#include <span>

#include "cache/zone.h"
#include "core/policy/cidr.h"

namespace api_key::cache {

struct NetworkBlock {
    Address network;        // see network_of()
    std::uint64_t until_ms; // monotonic
};

class Addresses {
  public:
    static constexpr std::uint64_t attempt_counts_for_ms = 60'000;

    explicit Addresses(const Zone& zone) : zone_(zone), sets_(zone.addresses()) {}

    bool is_blocked(const Address& network, std::uint64_t now_ms) const;

    std::size_t count(std::uint64_t now_ms) const; // number of blocked addresses

    // If the set is full, evicts the block that ends first.
    void block(const NetworkBlock& block);

    // Replaces all blocks by the store's list of this version: addresses that are not on it are no longer blocked.
    void replace(std::span<const NetworkBlock> blocks, std::uint64_t version);
    std::uint64_t version() const { return zone_.header().blocks_version.load(std::memory_order_relaxed); }

    // True if this wrong key (by the first bytes of its digest) was counted against this address less than a minute ago. False if the entry
    // was evicted.
    bool was_counted(const Address& network, std::uint64_t key_hash, std::uint64_t now_ms) const;
    void remember_counted(const Address& network, std::uint64_t key_hash, std::uint64_t now_ms) const;

  private:
    void write(const NetworkBlock& block, std::uint32_t round);

    const Zone& zone_;
    std::span<AddressSet> sets_;
};

} // namespace api_key::cache
