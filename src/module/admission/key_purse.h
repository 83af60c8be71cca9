// The money of one key at this worker: its purse in the zone, and the requests that wait for it.
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

    void wait_ended(); // ends a wait for others to give back

    // No operation, timer or wait for a slot is pending that would serve the waiting requests.
    bool is_idle() const { return operation == nullptr && !again.is_running() && slot_due_ms == 0; }

    Money& owner;
    std::uint64_t key_id;
    std::uint64_t account;
    std::size_t slot = no_slot;
    std::uint64_t version = 0; // of the key's record when it was filled
    store::Operation* operation = nullptr;
    std::int64_t last_grant = 0;
    std::int64_t reported_spent = 0; // spent, as last reported to the store
    std::uint64_t reported_ms = 0;   // monotonic: the last report
    std::uint64_t used_ms = 0;       // monotonic: the last request
    std::uint64_t slot_due_ms = 0;   // monotonic: until when requests wait for a slot in the zone; 0: there is one, or none is needed
    bool is_certain = true;          // the store's answer to the last report is known
    bool is_wanted = false;          // others need what is not reserved here
    bool is_overdrawn = false;       // logged: it has used more than there was
    unsigned waits = 0;              // for others to give back, since the store first had too little
    store::Timer<&KeyPurse::wait_ended> again; // the end of such a wait
    std::uint64_t refused_ms = 0;              // monotonic: when the store last had too little …
    std::uint64_t refused_under = 0;           // … under this generation of the cache
    std::int64_t refused_need = 0;
    store::MoneyState shortage;
};

} // namespace api_key::module
