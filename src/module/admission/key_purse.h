// The money of one key at this worker: a purse in the zone, and who waits for what.
#pragma once

#include <cstdint>

#include "module/request/waiting.h"
#include "store/nginx/client.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class Money;

struct KeyPurse final : WaitingList {
    static constexpr std::size_t no_slot = static_cast<std::size_t>(-1);

    KeyPurse(Money& its_owner, std::uint64_t key, std::uint64_t its_account)
        : owner(its_owner), key_id(key), account(its_account), again(*this, ngx_cycle->log, store::AtShutdown::wait) {}

    void look(); // the end of a wait for others

    // Nothing is on its way that ends with somebody looking at those who wait.
    bool is_at_rest() const { return operation == nullptr && !again.is_running() && place_due_ms == 0; }

    Money& owner;
    std::uint64_t key_id;
    std::uint64_t account;
    std::size_t slot = no_slot;
    std::uint64_t version = 0; // of the key's record that it was filled under
    store::Operation* operation = nullptr;
    std::int64_t last_grant = 0;
    std::int64_t told_spent = 0;    // what the store knows of
    std::uint64_t told_ms = 0;      // monotonic: the last report
    std::uint64_t used_ms = 0;      // monotonic: the last request
    std::uint64_t place_due_ms = 0; // monotonic: how long those who wait go on without a place in the zone; 0: it has one, or needs none
    bool is_certain = true;         // the store's answer to the last report is known
    bool is_wanted = false;         // others need what is not reserved here
    bool is_overdrawn = false;      // logged: it has used more than there was
    unsigned waits = 0;             // for others to give back, since the store said that there is too little
    store::Timer<&KeyPurse::look> again; // the end of such a wait
    std::uint64_t refused_ms = 0;        // monotonic: when the store last had too little …
    std::uint64_t refused_under = 0;     // … under this generation of the cache
    std::int64_t refused_need = 0;
    store::MoneyState shortage;
};

} // namespace api_key::module
