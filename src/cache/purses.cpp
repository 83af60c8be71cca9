#include "cache/purses.h"

#include <algorithm>

namespace api_key::cache {

namespace {

// There is only one writer, so no read-modify-write is needed.
template <class Number>
void raise(std::atomic<Number>& value, Number by) {
    value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_release);
}

} // namespace

std::optional<std::size_t> Purses::open(std::uint32_t owner, std::uint64_t hold, std::uint64_t key_id, std::uint64_t account) {
    if (count_open() == count()) {
        return std::nullopt;
    }
    const Lock lock(zone_.mutex());
    const auto is_empty = [](const Purse& purse) { return purse.hold.load(std::memory_order_relaxed) == 0; };
    const auto begin = slots_.begin() + static_cast<std::ptrdiff_t>(clock_hand_);
    auto empty = std::find_if(begin, slots_.end(), is_empty);
    if (empty == slots_.end()) {
        empty = std::find_if(slots_.begin(), begin, is_empty);
        if (empty == begin) {
            return std::nullopt;
        }
    }
    empty->key_id.store(key_id, std::memory_order_relaxed);
    empty->account.store(account, std::memory_order_relaxed);
    empty->available.store(0, std::memory_order_relaxed);
    empty->reserved.store(0, std::memory_order_relaxed);
    empty->spent.store(0, std::memory_order_relaxed);
    empty->owner.store(owner, std::memory_order_relaxed);
    empty->number.store(0, std::memory_order_relaxed);
    empty->hold.store(hold, std::memory_order_release);
    zone_.header().purses_open.fetch_add(1, std::memory_order_relaxed);
    clock_hand_ = static_cast<std::size_t>(empty - slots_.begin());
    return clock_hand_;
}

void Purses::close(std::size_t slot) const {
    slots_[slot].hold.store(0, std::memory_order_release);
    zone_.header().purses_open.fetch_sub(1, std::memory_order_relaxed);
}

std::size_t Purses::count_open() const {
    const std::int32_t open = zone_.header().purses_open.load(std::memory_order_relaxed);
    return std::min<std::size_t>(static_cast<std::size_t>(std::max(open, 0)), count());
}

void Purses::recount() const {
    const auto open =
        std::count_if(slots_.begin(), slots_.end(), [](const Purse& purse) { return purse.hold.load(std::memory_order_relaxed) != 0; });
    zone_.header().purses_open.store(static_cast<std::int32_t>(open), std::memory_order_relaxed);
}

// Raises the reserve first: if the owner is killed in between, the amount is reserved, and is written off with the rest of the reserve.
bool Purses::reserve(std::size_t slot, std::int64_t amount) const {
    Purse& purse = slots_[slot];
    if (purse.available.load(std::memory_order_relaxed) < amount) {
        return false;
    }
    raise(purse.reserved, amount);
    raise(purse.available, -amount);
    return true;
}

// Spent first, then out of the reserve, then out of what is available: killed in between, the owner leaves the money counted twice and
// never lost, and the worker that adopts the purse writes the reserve off as spent. An account may be charged too much by one request,
// never too little.
std::int64_t Purses::settle(std::size_t slot, std::int64_t reserved, std::int64_t cost) const {
    Purse& purse = slots_[slot];
    const std::int64_t more = std::max<std::int64_t>(cost - reserved, 0);
    const std::int64_t from_available = std::min(more, purse.available.load(std::memory_order_relaxed));
    raise(purse.spent, cost);
    raise(purse.reserved, -reserved);
    raise(purse.available, std::max<std::int64_t>(reserved - cost, 0) - from_available);
    return more - from_available;
}

void Purses::add(std::size_t slot, std::int64_t granted) const {
    raise(slots_[slot].available, granted);
}

void Purses::release(std::size_t slot) const {
    slots_[slot].available.store(0, std::memory_order_release);
}

void Purses::write_off(std::size_t slot) const {
    Purse& purse = slots_[slot];
    release(slot);
    raise(purse.spent, purse.reserved.exchange(0, std::memory_order_acq_rel));
}

PurseState Purses::state(std::size_t slot) const {
    const Purse& purse = slots_[slot];
    PurseState state;
    state.hold = purse.hold.load(std::memory_order_acquire);
    state.key_id = purse.key_id.load(std::memory_order_relaxed);
    state.account = purse.account.load(std::memory_order_relaxed);
    state.available = purse.available.load(std::memory_order_relaxed);
    state.reserved = purse.reserved.load(std::memory_order_relaxed);
    state.spent = purse.spent.load(std::memory_order_relaxed);
    return state;
}

std::uint32_t Purses::next_number(std::size_t slot) const {
    raise(slots_[slot].number, std::uint32_t{1});
    return slots_[slot].number.load(std::memory_order_relaxed);
}

} // namespace api_key::cache
