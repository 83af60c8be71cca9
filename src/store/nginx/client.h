// A worker's way to Redis on nginx's event loop: one pipelined connection to the server that takes our commands, commands of one loop turn
// in one write, a timeout for every command, one question to the replicas for all changes before it. Nothing here ever blocks.
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
    // Called once when the flow has ended (flow.outcome() tells how), from the event loop, never from inside run(). The flow is destroyed
    // after.
    using Done = void (*)(void* context, Flow& flow);

    // Told of each operation's end: how it ended, and how long it took.
    using Observe = void (*)(void* observer, Outcome outcome, std::uint64_t duration_ns);
    struct Observer {
        Observe observe;
        void* context;
    };

    struct Role {
        const Client* leader = nullptr; // with one it does not try to connect while that one cannot, and logs nothing of it
        bool durable = false;           // all that is done waits for a replica, not only what must survive
    };

    // The options, the discovery and the leader must outlive the client. Changes of state are logged, once each.
    Client(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, Role role);
    ~Client(); // stops
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Starts a flow. Null when the store is known to be away (breaker open): refused at once, `done` is not called.
    // Without `done` nobody waits: a worker that shuts down does not stay for it.
    // The first call opens the connection.
    // The steps of what an account reads (`reader`, else 0) take turns with those of others (see read_turns.h).
    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context, std::uint64_t reader = 0);

    // The caller has gone (client aborted): `done` will not be called; the flow goes on to its end, unless it only reads.
    void abandon(Operation* operation);

    bool is_down() const; // the breaker is open

    void stop(); // for good: flows still running are ended as unavailable, what they start is refused

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace api_key::store
