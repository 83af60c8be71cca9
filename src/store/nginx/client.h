// A worker's way to Redis on nginx's event loop: one pipelined connection, commands of one loop turn in one write, a timeout for
// every command, a circuit breaker with jittered back-off. Nothing here ever blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/flow.h"
#include "store/location.h"
#include "store/nginx/ngx_core_headers.h"

namespace api_key::store {

struct ClientOptions {
    Location location;
    ngx_addr_t address;    // resolved at configuration time; lives as long as the cycle
    std::string user;      // ACL user; empty: none
    std::string password;  // read from the password file at configuration time; empty: none
    ngx_msec_t timeout_ms; // to connect (handshake with AUTH and SELECT included), and for each command
};

class Client {
  public:
    // Called once when the flow has ended (flow.outcome() tells how), from the event loop, never from inside run(). The flow is destroyed
    // after.
    using Done = void (*)(void* context, Flow& flow);
    class Operation; // a running flow

    // Told of each operation's end: how it ended, and how long it took.
    using Observe = void (*)(void* observer, Outcome outcome, std::uint64_t duration_ns);

    // The options must outlive the client. Changes of state are logged, once each.
    Client(const ClientOptions& options, ngx_log_t* log, Observe observe, void* observer);
    ~Client(); // closes; flows still running are ended as unavailable
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Starts a flow. Null when the store is known to be away (breaker open): refused at once, `done` is not called.
    // Without `done` nobody waits: a worker that shuts down does not stay for it.
    // The first call opens the connection.
    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context);

    // The caller has gone (client aborted): `done` will not be called; the flow goes on to its end.
    void abandon(Operation* operation);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace api_key::store
