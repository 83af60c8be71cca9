// The money of the requests of this worker: reserved from what the store holds for it, settled when the request is over. A purse per key;
// the store is asked when it has too little, and told what was spent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cache/purses.h"
#include "module/request.h"
#include "store/money_flows.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

struct KeyPurse {
    static constexpr std::size_t no_slot = static_cast<std::size_t>(-1);

    KeyPurse(Worker& its_worker, std::uint64_t key, std::uint64_t its_account) : worker(its_worker), key_id(key), account(its_account) {}

    Worker& worker;
    std::uint64_t key_id;
    std::uint64_t account;
    std::size_t slot = no_slot;
    std::uint64_t version = 0; // of the key's record that it was filled under
    std::vector<RequestContext*> waiting;
    store::Operation* operation = nullptr;
    std::int64_t last_grant = 0;
    std::int64_t debt = 0;           // spent beyond what was reserved
    std::int64_t told_spent = 0;     // what the store knows of
    std::uint64_t told_ms = 0;       // monotonic: the last report
    std::uint64_t used_ms = 0;       // monotonic: the last request
    bool is_certain = true;          // the store's answer to the last report is known
    std::uint64_t refused_ms = 0;    // monotonic: when the store last had too little …
    std::uint64_t refused_under = 0; // … under this generation of the cache
    std::int64_t refused_need = 0;
    store::MoneyState shortage;
};

class Money {
  public:
    explicit Money(Worker& worker);
    ~Money();
    Money(const Money&) = delete;
    Money& operator=(const Money&) = delete;

    // Holds the request's reserve back. `waiting`: it has to be suspended, and is resumed when the store has answered.
    LimitAnswer reserve(RequestContext& context);

    // The request is over, or was refused after all: its reserve becomes what it cost. Without effect the second time.
    void settle(RequestContext& context, std::int64_t cost);

    // The worker ends: the store is told everything, on a connection of its own, at once.
    void settle_everything();

  private:
    KeyPurse& purse_for(const RequestContext& context);
    static bool try_to_reserve(KeyPurse& purse, RequestContext& context);
    bool is_refused(const KeyPurse& purse, const RequestContext& context) const;
    bool open(KeyPurse& purse);
    bool sync(KeyPurse& purse);
    store::HoldReport report(KeyPurse& purse) const;
    static void done(void* context, store::Flow& flow);
    void answer(KeyPurse& purse, const store::SyncHold& flow);
    void take_grant(KeyPurse& purse, const store::SyncHold& flow);
    void distribute(KeyPurse& purse, const store::SyncHold& flow);
    void lose(KeyPurse& purse);
    void look_again(KeyPurse& purse);
    static void release(const std::vector<RequestContext*>& contexts, LimitAnswer answer);

    void adopt();
    void tick();
    bool look_after(KeyPurse& purse, std::uint64_t now_ms);
    void close_if_idle(KeyPurse& purse);

    Worker& worker_;
    cache::Purses purses_;
    std::unordered_map<std::uint64_t, std::unique_ptr<KeyPurse>> by_key_;
    std::vector<std::unique_ptr<KeyPurse>> left_behind_;
    std::uint64_t adopt_due_ms_ = 0;
    ngx_event_t tick_timer_{};
};

} // namespace api_key::module
