// Runs flows on a blocking connection: for the operator's tool, the tests, and a worker that shuts down.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/text/result.h"
#include "store/blocking/blocking_connection.h"
#include "store/flow.h"
#include "store/server/access.h"

namespace api_key::store {

class BlockingRunner {
  public:
    static constexpr unsigned long default_timeout_ms = 5000;

    // Finds the master, connects, authenticates, selects the database. The timeout is for connecting, and for each reply.
    static Result<BlockingRunner> connect(const Access& access, unsigned long timeout_ms = default_timeout_ms);

    // Runs the flow to its end.
    void run(Flow& flow);

    // One command; null when the connection broke.
    Reply command(const Command& command);

    bool is_connected() const { return connection_ != nullptr; } // false once an exchange has failed

    const Endpoint& server() const { return server_; } // empty for a unix socket

  private:
    BlockingRunner(const Access& access, unsigned long timeout_ms) : access_(access), timeout_ms_(timeout_ms) {}

    std::optional<Error> open(); // to the current master
    std::optional<Error> find_server();
    Result<std::unique_ptr<BlockingConnection>> log_in(const Endpoint& endpoint, bool to_sentinel);
    void run_steps(Flow& flow);
    bool exchange(std::span<const Command> commands, std::vector<Reply>& replies);
    std::optional<Error> follow(const redisReply* reply);

    Access access_;
    unsigned long timeout_ms_;
    Endpoint server_;
    std::unique_ptr<BlockingConnection> connection_;
    std::string problem_; // why the connection broke
};

} // namespace api_key::store
