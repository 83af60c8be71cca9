// Quotas and plan rates of the requests of this worker: spends what the node was granted, asks the store for more, gives back what was not
// used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cache/allowances.h"
#include "core/policy/plans.h"
#include "module/admission/outage_reserve.h"
#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"
#include "store/flows/allowance_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class Limits {
  public:
    Limits(StoreLink& link, cache::Zone& zone, cache::Metrics& metrics);
    Limits(const Limits&) = delete;
    Limits& operator=(const Limits&) = delete;

    // Checks the limits of a request whose key nothing else refuses, and charges it if it passes.
    Verdict admit(RequestContext& context);

    // Takes the charge back when a request that had passed is refused for another reason.
    void put_back(RequestContext& context);

    // The state of the limits of an answered request, as far as this node knows; nothing when it has none.
    std::optional<WindowStates> states(const RequestContext& context) const;

    // The requests that this node was granted for a key and has not used.
    std::uint32_t unused_grants(std::uint64_t key_id) const { return allowances_.left(key_id); }

    // Gives everything back at once, for a worker that shuts down.
    void give_back_everything();

  private:
    // Requests for one key that wait for the store's answer.
    struct PendingGrant final : WaitingList {
        PendingGrant(Limits& its_owner, store::LimitedKey its_key, std::uint64_t fingerprint)
            : owner(its_owner), key(its_key), limits(fingerprint) {}

        Limits& owner;
        store::LimitedKey key;
        std::uint64_t limits;      // fingerprint
        std::uint32_t reserve = 0; // requests to be held for an outage
        std::uint32_t asked = 0;   // how many of those waiting the store was asked for
        std::uint64_t asked_ms = 0;
        std::uint64_t generation = 0; // of the zone when the store was asked
        store::Unused unused;         // given back by the same grant
    };

    struct Watched {
        std::size_t slot;
        std::uint64_t state;
        unsigned unchanged; // for how many ticks
    };

    Verdict refuse(RequestContext& context);
    Verdict wait(RequestContext& context);
    Verdict without_store(RequestContext& context);
    bool ask(PendingGrant& pending, const store::Unused& unused = {});
    static std::uint32_t wanted(const cache::Allowances::Last& last, std::uint32_t waiting);
    static std::uint64_t monotonic(const PendingGrant& pending, const store::Grant& grant, std::int64_t store_ms);
    static std::uint64_t refused_until(const PendingGrant& pending, const store::Grant& grant);
    void answer(PendingGrant& pending, const store::Grant& grant);
    void distribute(PendingGrant& pending, const store::Grant& grant, bool asks_again);
    void install(const PendingGrant& pending, const store::Grant& grant, std::uint32_t left);
    void read_again(PendingGrant& pending);
    static void release(const std::vector<RequestContext*>& contexts, LimitAnswer answer);

    void watch(std::uint64_t key_id);
    void watch_all();
    void tick();
    void give_back(const std::vector<cache::Leftover>& leftovers);
    void send_back(std::vector<store::Unused> unused);

    StoreLink& link_;
    cache::Zone& zone_;
    cache::Metrics& metrics_;
    cache::Allowances allowances_;
    OutageReserve outage_reserve_;
    std::unordered_map<std::uint64_t, std::unique_ptr<PendingGrant>> pending_;
    std::unordered_map<std::uint64_t, Watched> watched_;
    store::Timer<&Limits::tick> timer_;
};

} // namespace api_key::module
