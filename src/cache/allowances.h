// Requests that a node may let in without asking the store: granted ones, which its workers spend without a lock; and refusals that are
// known to hold until they can change.
//
// No limit is exceeded, on any number of nodes: a script of the store charges a grant to the buckets of all windows at once, or grants
// nothing, before the node has it; a worker spends one request of it by compare-and-swap, until the first of those buckets ends; what is
// left goes back to the very buckets that were charged. A node that dies leaves its requests charged: the sum of what all nodes let in
// never exceeds what was charged, and that never exceeds a limit.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cache/zone.h"
#include "core/policy/limits.h"

namespace api_key::cache {

// The store's answer to a node that asked for requests.
struct Granted {
    std::uint64_t key_id = 0;
    std::uint64_t account = 0;
    std::uint64_t limits = 0;           // fingerprint of the limits, as for spend()
    std::uint32_t requests = 0;         // to be spent later; at most Allowances::max_requests
    std::uint64_t until_ms = 0;         // monotonic: expires then
    std::int64_t charged_ms = 0;        // the store's clock
    std::int64_t bucket_begin_ms = 0;   // the store's clock: charges since then are in the same buckets
    std::uint8_t charged = 0;           // the store's bits
    std::uint32_t size = 0;             // of the whole grant, including what was used at once
    std::optional<Window> refusing;     // the limit that refused more …
    std::uint64_t refused_until_ms = 0; // … and the monotonic time until which the store need not be asked again …
    std::uint64_t generation = 0;       // … unless the key had room since: Zone::generation() when the store was asked
    WindowStates states{};
};

// Requests that were granted and are no longer to be spent; the caller gives them back to the store.
struct Leftover {
    std::uint64_t key_id;
    std::uint64_t account;
    std::uint32_t requests;
    std::int64_t charged_ms;
    std::uint8_t charged;
};

// A grant that is settled as a whole.
struct Settled {
    Leftover unused; // may be no requests
    std::uint32_t used;
};

// The slot of the requests of a key that are held for an outage of the store, beside those that are spent now.
constexpr std::uint64_t outage_bit = std::uint64_t{1} << 63U;

// A limit that is known to refuse.
struct Refusal {
    Window window;
    WindowState state;
    std::int64_t as_of_ms; // the store's clock
};

class Allowances {
  public:
    static constexpr std::uint32_t max_requests = 0x7fff;

    explicit Allowances(Zone& zone) : zone_(zone), slots_(zone.allowances()) {}

    enum class Spent : std::uint8_t { taken, refused, nothing };

    // Takes one request from the key's allowance, or reports that its limits are known to refuse.
    Spent spend(std::uint64_t key_id, std::uint64_t limits, std::uint64_t now_ms) const;

    // When the requests that are spent now were charged, and to which buckets.
    struct Charge {
        std::int64_t charged_ms = 0; // the store's clock
        std::uint8_t charged = 0;    // the store's bits
    };
    Charge charge(std::uint64_t key_id) const;

    // Returns a taken request that is not made after all. False if the caller has to give it back to the store.
    bool put_back(std::uint64_t key_id, std::uint64_t limits, const Charge& charge, std::uint64_t now_ms) const;

    // The limit that is known to refuse the key, and the state of all its limits. The slot holds usage only: the caller passes the limits.
    std::optional<Refusal> refusal(std::uint64_t key_id, const Limits& limits) const;
    std::optional<WindowStates> states(std::uint64_t key_id, std::uint64_t fingerprint, const Limits& limits) const;
    std::uint32_t left(std::uint64_t key_id) const; // granted and not spent

    // The last grant for a key, and how much of it is left.
    struct Last {
        std::uint32_t size = 0; // all that was granted in the same buckets; 0: nothing is known
        std::uint32_t left = 0;
        bool is_usable = false; // may still be spent under these limits
        std::size_t slot = 0;
    };
    Last last(std::uint64_t key_id, std::uint64_t limits, std::uint64_t now_ms) const;

    // Stores the answer. The caller has to give back what it replaces.
    std::vector<Leftover> install(const Granted& granted);

    // The store has room for the key again: the next request asks it.
    void forget_refusal(std::uint64_t key_id) const;

    // Takes the rest of a grant that was not used for a while, or has expired.
    std::optional<Leftover> take(std::size_t slot, std::uint64_t key_id);

    // Takes all of a grant, so that the caller can tell the store how much of it was used. Nothing when there is none.
    std::optional<Settled> settle(std::uint64_t key_id) const;

    // For the code that looks for unused grants to give back.
    std::size_t slot_of(std::uint64_t key_id) const; // count() when there is none
    std::size_t count() const { return slots_.size(); }
    struct SlotState {
        std::uint64_t key_id;
        std::uint64_t state; // changes with every request
        std::uint32_t requests;
        bool expired;
    };
    SlotState slot_state(std::size_t slot, std::uint64_t now_ms) const;

  private:
    Allowance* find(std::uint64_t key_id) const;
    Allowance& slot_for(std::uint64_t key_id) const;
    static std::optional<Leftover> empty(Allowance& slot);
    static void write_state(Allowance& slot, const Granted& granted, std::uint32_t size);

    Zone& zone_;
    std::span<Allowance> slots_;
};

} // namespace api_key::cache
