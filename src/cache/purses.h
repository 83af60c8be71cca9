// Micro-credits that this node's workers may spend: a purse for each key and worker, filled by the store.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cache/zone.h"

namespace api_key::cache {

struct PurseState {
    std::uint64_t hold = 0;
    std::uint64_t key_id = 0;
    std::uint64_t account = 0;
    std::int64_t available = 0;
    std::int64_t reserved = 0;
    std::int64_t spent = 0;
};

class Purses {
  public:
    explicit Purses(const Zone& zone) : zone_(zone), slots_(zone.purses()) {}

    // Opens an empty purse for this owner; nothing if all are in use.
    std::optional<std::size_t> open(std::uint32_t owner, std::uint64_t hold, std::uint64_t key_id, std::uint64_t account);
    void close(std::size_t slot) const;

    std::size_t count() const { return slots_.size(); }
    std::size_t count_open() const; // of all owners
    void recount() const;           // reads all of them

    // For the owner only. False if less than `amount` is available.
    bool reserve(std::size_t slot, std::int64_t amount) const;

    // Settles a request. Returns the part of `cost` that neither its reserve nor the purse could cover; 0 as a rule.
    std::int64_t settle(std::size_t slot, std::int64_t reserved, std::int64_t cost) const;

    void add(std::size_t slot, std::int64_t granted) const;
    void release(std::size_t slot) const; // what is available goes back to the store

    void write_off(std::size_t slot) const; // the reserve counts as spent, and what is available goes back

    PurseState state(std::size_t slot) const;
    std::uint32_t next_number(std::size_t slot) const; // of the next report to the store; 1 is the first

    // Takes over the purses of owners that no longer exist.
    template <class IsAlive>
    std::vector<std::size_t> adopt(std::uint32_t new_owner, IsAlive is_alive) const {
        std::vector<std::size_t> adopted;
        for (std::size_t slot = 0; slot < slots_.size(); slot++) {
            Purse& purse = slots_[slot];
            std::uint32_t owner = purse.owner.load(std::memory_order_relaxed);
            if (purse.hold.load(std::memory_order_acquire) != 0 && owner != new_owner && !is_alive(owner) &&
                purse.owner.compare_exchange_strong(owner, new_owner, std::memory_order_acq_rel)) {
                adopted.push_back(slot);
            }
        }
        return adopted;
    }

  private:
    const Zone& zone_;
    std::span<Purse> slots_;
    std::size_t clock_hand_ = 0; // where the search for an empty one goes on
};

} // namespace api_key::cache
