// Requests of keys with limits that this node holds for the time in which the store is away: `reserve=` of api_key_stale. They are charged
// to a key's quotas before they are held, so that no quota is exceeded. The rates of a plan are not charged, since their buckets end at
// once: in an outage a node lets that many requests of a key pass at most, whatever its plan's rates are.
//
// A reserve is renewed while its key is used, and may be spent after the buckets that it was charged to have ended. What was spent is
// charged again when the store is back, so that it leaves no window too early.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "cache/allowances.h"
#include "module/node/store_link.h"
#include "module/request/request.h"
#include "store/flows/allowance_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class OutageReserve {
  public:
    OutageReserve(StoreLink& link, cache::Zone& zone);
    OutageReserve(const OutageReserve&) = delete;
    OutageReserve& operator=(const OutageReserve&) = delete;

    // Holds `requests` of the key, or renews them, because the store has granted it some at `store_now_ms` of its clock. `limits` is the
    // fingerprint that they may be spent under.
    void hold(const store::LimitedKey& key, std::uint64_t limits, std::uint32_t requests, std::int64_t store_now_ms);

    // Spends one request because the store is away.
    bool spend(RequestContext& context) const;
    void put_back(const RequestContext& context) const;

    // Takes what is held of a key, to be given back because the key has reached a quota. Nothing when nothing is held.
    std::optional<store::Unused> take(std::uint64_t key_id);

    // Gives everything back at once, for a worker that shuts down. While the store is away it stays in the zone.
    void give_back_everything();

  private:
    struct Held {
        OutageReserve& owner;
        store::LimitedKey key;
        std::uint64_t limits;
        std::uint64_t asked_ms = 0;
        std::uint64_t ask_again_ms = 0; // monotonic: not before
        bool asks = false;
    };

    bool is_current(const Held& held, std::uint32_t requests, std::int64_t store_now_ms) const;
    void answer(Held& held, const store::Grant& grant);
    void install(const Held& held, const store::Grant& grant);
    void give_back(const store::Unused& unused);
    void adopt();
    void tick();

    StoreLink& link_;
    cache::Allowances allowances_;
    std::unordered_map<std::uint64_t, Held> held_; // by key
    store::Timer<&OutageReserve::tick> timer_;
};

} // namespace api_key::module
