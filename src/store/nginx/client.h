// A worker's Redis client on nginx's event loop: one pipelined connection to the master, one write for the commands of a loop turn, a
// timeout for every command, one WAIT for all changes before it. Nothing here ever blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/flow.h"
#include "store/nginx/discovery.h"
#include "store/nginx/options.h"

namespace api_key::store {

struct Operation; // a running flow

class Client {
  public:
    // Called once when the flow has ended (see flow.outcome()), from the event loop, never from inside run(). The flow is destroyed
    // afterwards.
    using Done = void (*)(void* context, Flow& flow);

    // Called at the end of each operation, with its outcome and duration.
    using Observe = void (*)(void* observer, Outcome outcome, std::uint64_t duration_ns);
    struct Observer {
        Observe observe;
        void* context;
    };

    struct Role {
        const Client* leader = nullptr; // while the leader cannot connect, this client does not try, and logs nothing about it
        bool durable = false;           // everything that is done waits for a replica, not only what must survive
    };

    // The options, the discovery and the leader must outlive the client. Changes of state are logged, once each.
    Client(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, Role role);
    ~Client(); // stops
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Starts a flow. Null when the store is known to be down (breaker open): refused at once, `done` is not called. Without `done`, a
    // worker that shuts down does not wait for the flow. The first call opens the connection. `reader` is the account that reads, or 0: the
    // steps of its reads take turns with those of other accounts (see read_turns.h).
    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context, std::uint64_t reader = 0);

    // The caller is gone (client aborted): `done` will not be called. The flow still runs to its end, unless it only reads.
    void abandon(Operation* operation);

    bool is_down() const; // the breaker is open

    void stop(); // for good: running flows end as unavailable, and flows started by them are refused

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace api_key::store
