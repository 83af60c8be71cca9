// Look-ups of keys that the cache does not hold: requests for the same key wait for the same answer.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/secrets/digest.h"
#include "module/request/request.h"
#include "store/flows/lookup_flow.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

struct Lookup {
    Worker& worker;
    Digest digest;                // SHA-256 of the key
    std::uint64_t generation = 0; // of the zone when the store was asked
    std::uint64_t asked_ms = 0;
    unsigned attempts = 0;
    std::vector<RequestContext*> waiting;
    store::Operation* operation = nullptr;
};

class Lookups {
  public:
    explicit Lookups(Worker& worker) : worker_(worker) {}

    // The request's answer will come: it is suspended until then. False when the store is known to be away.
    bool wait(RequestContext& context);

  private:
    friend void stop_waiting(RequestContext& context);

    bool ask(Lookup& lookup);
    static void done(void* context, store::Flow& flow);
    void answer(Lookup& lookup, store::Flow& flow);
    void end(Lookup& lookup);
    void tell_of_dead_limit(const KeyRecord& key);

    Worker& worker_;
    bool dead_limit_told_ = false;
    std::unordered_map<Digest, std::unique_ptr<Lookup>, DigestHash> running_;
};

// The client has gone, or the answer has come.
void stop_waiting(RequestContext& context);

// The handlers of a request that waits for the store, as limit_req's: a client that goes away is noticed. NGX_AGAIN, or an error.
ngx_int_t suspend(RequestContext& context);

// Runs the request's phases again, from an event of its own.
void resume(RequestContext& context);

} // namespace api_key::module
