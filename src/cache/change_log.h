// The store's changes that this node knows of, kept in the zone's header for all its workers.
//
// The store numbers its changes and publishes each with the number of the one before it. A heartbeat reads the number: if every change up
// to it has been applied, the whole cache is confirmed as of the moment the heartbeat was sent. A number that is not reached, or one that
// went back, means that a change was missed: then the whole cache is invalidated.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/zone.h"

namespace api_key::cache {

// The store's answer to a heartbeat.
struct Heartbeat {
    std::uint64_t asked_ms;            // monotonic, when it was sent
    std::uint64_t sequence_when_asked; // ChangeLog::sequence() when it was sent
    std::uint64_t sequence;            // the store's
    std::uint64_t epoch_tag;           // identifies the store's contents; never 0
};

// The key that a message of the channel names; nothing if it is about something else.
std::optional<std::uint64_t> changed_key(std::string_view message);

class ChangeLog {
  public:
    static constexpr std::uint64_t heartbeat_interval_ms = 250;
    static constexpr std::uint64_t catch_up_ms = 200;     // how long published changes may be in flight
    static constexpr std::uint64_t trusted_for_ms = 1000; // how long a confirmation holds

    explicit ChangeLog(Zone& zone) : zone_(zone), header_(zone.header()) {}

    // True for one caller per interval, over all workers: that one sends the heartbeat.
    bool is_heartbeat_due(std::uint64_t now_ms);
    void heartbeat(const Heartbeat& heartbeat, std::uint64_t now_ms);

    // A message of the channel: "<sequence> <sequence before it> key <id> <version>", or account instead of key, or room: the limits of
    // that key may let requests through again, while its record has not changed. Takes effect on all workers before it returns. Any other
    // text invalidates everything. True if the node's sequence advanced.
    bool message(std::string_view text);

    std::uint64_t sequence() const { return header_.sequence.load(std::memory_order_acquire); }

    // Whether the store has confirmed lately that no change is missing.
    bool is_current(std::uint64_t now_ms) const { return now_ms < confirmed_ms(0) + trusted_for_ms; }

    // The monotonic time when an answer that was fetched at `fetched_ms` was last known to be current.
    std::uint64_t confirmed_ms(std::uint64_t fetched_ms) const;

  private:
    bool advance(std::uint64_t before, std::uint64_t sequence);
    void start_again(std::uint64_t sequence);

    Zone& zone_;
    Header& header_;
};

} // namespace api_key::cache
