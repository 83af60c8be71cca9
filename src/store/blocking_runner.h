// Runs flows on a blocking connection: for the operator's tool, the tests, and a worker that ends.
#pragma once

#include <memory>
#include <string>

#include <hiredis/hiredis.h>

#include "core/result.h"
#include "store/flow.h"
#include "store/location.h"

namespace api_key::store {

struct Login {
    std::string user;     // empty: the default user
    std::string password; // empty: none
};

class BlockingRunner {
  public:
    static constexpr unsigned long patient_ms = 5000;

    // Connects, logs in, selects the database. The timeout is for connecting, and for each reply.
    static Result<BlockingRunner> connect(const Location& location, const Login& login, unsigned long timeout_ms = patient_ms);

    // Runs the flow to its end.
    void run(Flow& flow);

    // One command; null when the connection broke.
    Reply command(const Command& command);

  private:
    struct Closer {
        void operator()(redisContext* context) const { redisFree(context); }
    };

    std::unique_ptr<redisContext, Closer> context_;
};

} // namespace api_key::store
