// The money of this worker's requests: reserved from what the store holds for the node, and settled when the request is over. There is a
// purse per key; the store is asked for more when it runs short, and told what was spent.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cache/purses.h"
#include "module/admission/key_purse.h"
#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "store/flows/money_flows.h"

namespace api_key::module {

class Money {
  public:
    // `node`: the name of this node in the store.
    Money(StoreLink& link, cache::Zone& zone, const std::string& node);
    Money(const Money&) = delete;
    Money& operator=(const Money&) = delete;

    // Reserves the money for the request.
    Verdict reserve(RequestContext& context);

    // Settles a request that is over, or was refused after all: its cost replaces its reserve. A second call has no effect.
    void settle(RequestContext& context, std::int64_t cost);

    // Others have too little: gives back to the store what is not reserved here.
    void give_back(const store::Wanted& wanted);

    // Reports everything to the store at once, for a worker that shuts down.
    void settle_everything();

  private:
    friend struct KeyPurse;

    static constexpr ngx_msec_t tick_ms = 200;
    static constexpr std::uint64_t refused_for_ms = 1000; // at most: returned money is not announced, unlike a top-up

    KeyPurse& purse_for(const RequestContext& context);
    bool try_to_reserve(KeyPurse& purse, RequestContext& context) const;
    bool is_refused(const KeyPurse& purse, const RequestContext& context) const;
    bool ask(KeyPurse& purse);
    void ask_or_fail(KeyPurse& purse);
    bool sync(KeyPurse& purse);
    store::HoldReport report(KeyPurse& purse) const;
    void answer(KeyPurse& purse, const store::SyncHold& flow);
    void resume_purse(KeyPurse& purse);
    void take_grant(KeyPurse& purse, const store::SyncHold& flow) const;
    void distribute(KeyPurse& purse, const store::SyncHold& flow);
    static bool wait_for_others(KeyPurse& purse, const store::SyncHold& flow);
    static void refuse(KeyPurse& purse, const store::MoneyState& state);
    void read_again(KeyPurse& purse);
    static void release(const std::vector<RequestContext*>& contexts, LimitAnswer answer);

    // Slots in the zone; see purse_slots.cpp.
    bool open(KeyPurse& purse);
    void close(KeyPurse& purse);
    void wait_for_slot(KeyPurse& purse);
    void make_slots(std::uint64_t account);
    bool give_back_if_idle(KeyPurse& purse);
    void offer_slot(std::uint64_t account);
    void maintain_slots(std::uint64_t now_ms);

    // Without a request; see money_upkeep.cpp.
    bool give_back_wanted(KeyPurse& purse);
    void adopt();
    void tick();
    bool maintain(KeyPurse& purse, std::uint64_t now_ms);
    void close_if_idle(KeyPurse& purse);

    StoreLink& link_;
    cache::Zone& zone_;
    const std::string& node_;
    cache::Purses purses_;
    std::unordered_map<std::uint64_t, std::unique_ptr<KeyPurse>> by_key_;
    std::unordered_map<std::uint64_t, std::vector<KeyPurse*>> of_account_; // those of by_key_ that have a slot
    std::vector<std::unique_ptr<KeyPurse>> adopted_;
    std::vector<KeyPurse*> without_slot_; // purses that wait for one, first come, first served
    std::uint64_t make_slots_due_ms_ = 0;
    bool is_crowded_ = false; // logged: few slots are left …
    bool is_full_ = false;    // … and there was none for a key
    std::uint64_t adopt_due_ms_ = 0;
    std::size_t reports_left_ = 0; // in this turn of the event loop
    store::Timer<&Money::tick> timer_;
};

} // namespace api_key::module
