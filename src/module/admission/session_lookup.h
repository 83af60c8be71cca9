// Look-ups of sessions, single-flight: requests that bring the same cookie wait for the same answer.
#pragma once

#include <memory>
#include <unordered_map>

#include "core/secrets/digest.h"
#include "module/node/store_check.h"
#include "module/node/store_link.h"
#include "module/request/session.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"

namespace api_key::module {

class SessionLookups {
  public:
    SessionLookups(StoreLink& link, const MainConfiguration& main, const StoreCheck& store_check)
        : link_(link), main_(main), store_check_(store_check) {}

    // The request waits until its session is known; refused as `store_unavailable` when the store is known to be down.
    Verdict ask(RequestContext& context);

    // Ends the request's session because its key is no longer good, so that the session does not come back with the key.
    void end(RequestContext& context);

  private:
    struct Lookup final : WaitingList {
        Lookup(SessionLookups& its_owner, const Digest& its_token) : owner(its_owner), token(its_token) {}
        void forget(RequestContext& context) override { owner.forget(*this, context); }

        SessionLookups& owner;
        Digest token;
        store::Operation* operation = nullptr;
    };

    void answer(Lookup& lookup, store::ReadSession& flow);
    void deliver(RequestContext& context, const store::ReadSession& flow) const;
    void forget(Lookup& lookup, RequestContext& context);

    StoreLink& link_;
    const MainConfiguration& main_;
    const StoreCheck& store_check_;
    std::unordered_map<Digest, std::unique_ptr<Lookup>, DigestHash> running_;
};

} // namespace api_key::module
