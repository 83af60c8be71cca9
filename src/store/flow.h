// An operation on the store as a sequence of commands, without a connection: whoever runs it sends what `next` asks for and hands
// back the replies. The nginx workers run it on their event loop, apikeyctl on a blocking connection.
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
    conflict = 2,    // a rule of the store forbids it; `detail()` says which
    unavailable = 3, // the store could not be asked, answered with an error, or is not what it should be
};

// How a conflict came about.
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

    // The commands to send next, to be answered in order; empty when the operation has ended. First called with no replies.
    // An EVALSHA that is answered NOSCRIPT is handled by the flow itself (it asks for the EVAL).
    virtual std::vector<Command> next(std::span<const Reply> replies) = 0;

    // For the runner: the store could not be asked. Ends the flow.
    void fail(std::string reason) {
        outcome_ = Outcome::unavailable;
        reason_ = std::move(reason);
    }

    // For the runner: it was done, and is answered only when a replica has it (replica_wait.h), where there are any.
    virtual bool must_survive() const { return false; }

    // For the runner: it counted requests or money, which may have to survive too; and what takes that back where it would not (null: it
    // need not be).
    virtual bool has_counted() const { return false; }
    virtual std::unique_ptr<Flow> taken_back() const { return nullptr; }

    // How long the server may take for this step's commands by themselves, beside the usual timeout: they wait for others.
    virtual unsigned patience_ms() const { return 0; }

    Outcome outcome() const { return outcome_; }
    Conflict conflict() const { return conflict_; }
    std::int64_t wait_ms() const { return wait_ms_; }     // until it may be tried again, where it was too often
    const std::string& reason() const { return reason_; } // for the error log when unavailable: never a secret

  protected:
    Outcome outcome_ = Outcome::unavailable;
    Conflict conflict_ = Conflict::none;
    std::int64_t wait_ms_ = 0;
    std::string reason_;
};

} // namespace api_key::store
