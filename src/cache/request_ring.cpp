#include "cache/request_ring.h"

#include <algorithm>

namespace api_key::cache {

std::optional<std::uint64_t> RequestRing::take_turn() const {
    std::uint64_t turn = header_.requests_written.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t sequence = cell(turn).sequence.load(std::memory_order_acquire);
        if (sequence < turn) { // the reader of the last round has not released it: the ring is full
            count_dropped(1);
            return std::nullopt;
        }
        if (sequence > turn) { // another writer has claimed this turn
            turn = header_.requests_written.load(std::memory_order_relaxed);
        } else if (header_.requests_written.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed)) {
            return turn;
        }
    }
}

std::uint64_t RequestRing::size() const {
    const std::uint64_t read = header_.requests_read.load(std::memory_order_relaxed);
    return std::max(header_.requests_written.load(std::memory_order_relaxed), read) - read;
}

std::optional<RequestRing::Stuck> RequestRing::find_stuck() const {
    const std::uint64_t read = header_.requests_read.load(std::memory_order_acquire);
    const std::uint64_t written = header_.requests_written.load(std::memory_order_acquire);
    // Claimed by a writer, and not yet published.
    if (written > read && cell(read).sequence.load(std::memory_order_acquire) == read) {
        return Stuck{true, read};
    }
    // Not full, and yet not free: a reader has claimed it in the last round.
    if (written < read + cells_.size() && cell(written).sequence.load(std::memory_order_acquire) < written) {
        return Stuck{false, written};
    }
    return std::nullopt;
}

void RequestRing::free_stuck(const Stuck& stuck) const {
    // A writer's turn is claimed as a reader would: if two processes free it, one wins. A reader's cell is only stored to what it would
    // have become, which may be done twice.
    std::uint64_t turn = stuck.turn;
    if (!stuck.is_writer) {
        cell(turn).sequence.store(turn, std::memory_order_release);
    } else if (header_.requests_read.compare_exchange_strong(turn, turn + 1, std::memory_order_acq_rel)) {
        cell(turn).sequence.store(turn + cells_.size(), std::memory_order_release);
    }
    count_dropped(1);
}

} // namespace api_key::cache
