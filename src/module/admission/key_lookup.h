// Look-ups of keys that the cache does not hold, single-flight: requests for the same key wait for the same answer.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "core/secrets/digest.h"
#include "module/node/store_check.h"
#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"
#include "store/flows/lookup_flow.h"

namespace api_key::module {

class KeyLookups {
  public:
    KeyLookups(StoreLink& link, cache::Zone& zone, const MainConfiguration& main, StoreCheck& store_check)
        : link_(link), zone_(zone), main_(main), store_check_(store_check) {}

    // The request waits for the answer; refused as `store_unavailable` when the store is known to be down.
    Verdict ask(RequestContext& context);

  private:
    struct Lookup final : WaitingList {
        Lookup(KeyLookups& its_owner, const Digest& its_digest) : owner(its_owner), digest(its_digest) {}
        void forget(RequestContext& context) override { owner.forget(*this, context); }

        KeyLookups& owner;
        Digest digest;                // SHA-256 of the key
        std::uint64_t generation = 0; // of the zone when the store was asked
        std::uint64_t asked_ms = 0;
        unsigned attempts = 0;
        store::Operation* operation = nullptr;
    };

    bool ask_store(Lookup& lookup);
    void answer(Lookup& lookup, store::LookupKey& flow);
    bool is_read_again(Lookup& lookup, store::LookupKey& flow);
    void check_answer(store::LookupKey& flow);
    static void deliver(RequestContext& context, const Lookup& lookup, store::LookupKey& flow);
    void forget(Lookup& lookup, RequestContext& context);
    void end(Lookup& lookup) { running_.erase(Digest(lookup.digest)); }
    void log_ineffective_limit(const KeyRecord& key);

    StoreLink& link_;
    cache::Zone& zone_;
    const MainConfiguration& main_;
    StoreCheck& store_check_;
    bool ineffective_limit_logged_ = false;
    std::unordered_map<Digest, std::unique_ptr<Lookup>, DigestHash> running_;
};

} // namespace api_key::module
