// Requests on their way to the request log: written by any worker in its log phase, taken out by any worker that writes to the store.
// No lock; a worker that is killed at any instruction loses the request that he was writing or had taken, no other.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "cache/zone.h"

namespace api_key::cache {

class RequestRing {
  public:
    explicit RequestRing(const Zone& zone) : header_(zone.header()), cells_(zone.requests()) {}

    // `write` fills in the request, every member of it. False: the ring is full; it is counted as dropped.
    template <class Write>
    bool push(Write write) const {
        const std::optional<std::uint64_t> turn = take_turn();
        if (turn) {
            write(cell(*turn).request);
            cell(*turn).sequence.store(*turn + 1, std::memory_order_release);
        }
        return turn.has_value();
    }

    // Hands the oldest to `take`; false: there is none.
    template <class Take>
    bool pop(Take take) const {
        std::uint64_t turn = header_.requests_read.load(std::memory_order_relaxed);
        do {
            if (cell(turn).sequence.load(std::memory_order_acquire) != turn + 1) {
                return false;
            }
        } while (!header_.requests_read.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed));
        take(std::as_const(cell(turn).request));
        cell(turn).sequence.store(turn + cells_.size(), std::memory_order_release);
        return true;
    }

    std::uint64_t size() const; // as it just was
    std::size_t capacity() const { return cells_.size(); }
    std::uint64_t dropped() const { return header_.requests_dropped.load(std::memory_order_relaxed); }
    void count_dropped(std::uint64_t number) const { header_.requests_dropped.fetch_add(number, std::memory_order_relaxed); }

    // A place that a process was killed in: at which end, and at which turn of the ring. Two that are the same with a second between them
    // are such; free_stuck() makes it usable again.
    struct Stuck {
        bool is_writer;
        std::uint64_t turn;
        bool operator==(const Stuck&) const = default;
    };
    std::optional<Stuck> find_stuck() const;
    void free_stuck(const Stuck& stuck) const;

  private:
    std::optional<std::uint64_t> take_turn() const;
    RequestCell& cell(std::uint64_t turn) const { return cells_[turn % cells_.size()]; }

    Header& header_;
    std::span<RequestCell> cells_;
};

} // namespace api_key::cache
