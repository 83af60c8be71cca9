// An operation on the store as a sequence of commands, without a connection: its runner sends the commands that `next` returns and passes
// the replies to it. The nginx workers run flows on their event loop, apikeyctl on a blocking connection.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/command.h"

namespace api_key::store {

enum class Outcome { // counted by these numbers: outcome_words of cache/metrics.h
    done = 0,
    not_found = 1,   // no such key or account (or another account's)
    conflict = 2,    // a rule of the store forbids it; `conflict()` says which
    unavailable = 3, // the store could not be asked, answered with an error, or is not what it should be
};

// Which rule caused a conflict.
enum class Conflict {
    none,
    alias_taken,
    key_was_used,
    idempotency_mismatch,
    account_inactive,
    record_changed,
    hold_lost,
    balance_too_large,
    too_much,
    too_often,
    too_many
};

class Flow {
  public:
    virtual ~Flow() = default;

    // The commands to send next; their replies are passed to the next call, in order. Empty when the operation has ended. The first call
    // gets no replies. After NOSCRIPT the flow itself falls back from EVALSHA to EVAL.
    virtual std::vector<Command> next(std::span<const Reply> replies) = 0;

    // For the runner: ends the flow because the store could not be asked.
    void fail(std::string reason) {
        outcome_ = Outcome::unavailable;
        reason_ = std::move(reason);
    }

    // For the runner: the change was made, but may be answered only when a replica has it (replica_wait.h), where there are any.
    virtual bool must_replicate() const { return false; }

    // For the runner: the flow counted requests or money, which may have to survive a failover too; and the flow that undoes this when no
    // replica confirmed it (null: nothing has to be undone).
    virtual bool has_counted() const { return false; }
    virtual std::unique_ptr<Flow> undo() const { return nullptr; }

    // How long this step's commands may block in the server (WAIT does), in addition to the usual timeout.
    virtual unsigned blocks_for_ms() const { return 0; }

    Outcome outcome() const { return outcome_; }
    Conflict conflict() const { return conflict_; }
    std::int64_t wait_ms() const { return wait_ms_; }     // after too_often: until it may be tried again
    const std::string& reason() const { return reason_; } // for the error log when unavailable: never a secret

  protected:
    Outcome outcome_ = Outcome::unavailable;
    Conflict conflict_ = Conflict::none;
    std::int64_t wait_ms_ = 0;
    std::string reason_;
};

} // namespace api_key::store
