// Requests on their way to the request log: a bounded MPMC queue in the zone (Dmitry Vyukov's array-based one). Any worker pushes in its
// log phase, any worker pops to write to the store, and none takes a lock.
//
// Turns count up for ever; turn t uses cell t % capacity. The cell's `sequence` says whose it is:
//   t             free for the writer of turn t
//   t + 1         holds the request of turn t
//   t + capacity  has been read: free for the writer of the next round
// A writer or reader claims its turn by compare-and-swap of `requests_written` or `requests_read`, and publishes by storing `sequence`. A
// worker that is killed between the two loses the request that it was writing or had taken, and leaves its cell stuck; see free_stuck().
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "cache/zone.h"

namespace api_key::cache {

class RequestRing {
  public:
    explicit RequestRing(const Zone& zone) : header_(zone.header()), cells_(zone.requests()) {}

    // `write` sets every member of the request. False if the ring is full; the request counts as dropped.
    template <class Write>
    bool push(Write write) const {
        const std::optional<std::uint64_t> turn = take_turn();
        if (turn) {
            write(cell(*turn).request);
            cell(*turn).sequence.store(*turn + 1, std::memory_order_release);
        }
        return turn.has_value();
    }

    // Passes the oldest request to `take`; false if there is none.
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

    std::uint64_t size() const; // a snapshot
    std::size_t capacity() const { return cells_.size(); }
    std::uint64_t dropped() const { return header_.requests_dropped.load(std::memory_order_relaxed); }
    void count_dropped(std::uint64_t number) const { header_.requests_dropped.fetch_add(number, std::memory_order_relaxed); }

    // A cell that was claimed and not published, by a writer or a reader. Seen twice with a second between, its process is dead: a living
    // one publishes within microseconds, as it never sleeps in between.
    struct Stuck {
        bool is_writer;
        std::uint64_t turn;
        bool operator==(const Stuck&) const = default;
    };
    std::optional<Stuck> find_stuck() const;

    // Skips the cell that a dead writer has claimed, or releases the one that a dead reader has. The request counts as dropped.
    void free_stuck(const Stuck& stuck) const;

  private:
    std::optional<std::uint64_t> take_turn() const;
    RequestCell& cell(std::uint64_t turn) const { return cells_[turn % cells_.size()]; }

    Header& header_;
    std::span<RequestCell> cells_;
};

} // namespace api_key::cache
