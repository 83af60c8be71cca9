// Requests on their way to the request log: written by any worker in its log phase, taken out by any worker that writes to the store.
// No lock; a worker that is killed at any instruction loses the request that he was writing or had taken, no other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/zone.h"

namespace api_key::cache {

struct RequestTexts {
    std::string_view method;
    std::string_view request_id;
    std::string_view model;
    std::string_view path; // what has no room is cut off
};

RequestTexts texts_of(const LoggedRequest& request);

class RequestRing {
  public:
    explicit RequestRing(const Zone& zone) : header_(zone.header()), cells_(zone.requests()) {}

    // Without its texts, which are copied. False: the ring is full; it is counted as dropped.
    bool push(const LoggedRequest& request, const RequestTexts& texts) const;

    bool pop(LoggedRequest& request) const; // false: there is none

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
    RequestCell& cell(std::uint64_t turn) const { return cells_[turn % cells_.size()]; }

    Header& header_;
    std::span<RequestCell> cells_;
};

} // namespace api_key::cache
