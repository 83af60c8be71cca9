// Fair scheduling of tenants' reads: one step is in flight at a time, and the next one is another account's if one waits. After a step
// comes a pause as long as the step took, so that the store has time for other work; only other accounts that have not read much yet go on
// during it. However much an account reads at once, it thus delays neither changes nor the reads of others by more than a step.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

namespace api_key::store {

struct Operation;

class ReadTurns {
  public:
    void wait(Operation* operation);
    bool has_turn(const Operation* operation) const { return operation == has_turn_; } // until `answered` or `drop`
    // The step has been answered: there is no next turn before `begin_pause`. False when it had no turn.
    bool answered(const Operation* operation);
    // Begins the pause and returns its length in ms; it lasts until `end_pause` is called, if not 0.
    std::uint64_t begin_pause();
    void end_pause() { is_paused_ = false; }
    // Gives the turn, if it is free, to the next operation, which has to be sent. Null otherwise.
    Operation* next();
    // The step will never be answered: frees its turn, if it had one.
    void drop(const Operation* operation);
    // Removes an operation that waits. False when it does not wait here.
    bool forget(Operation* operation);
    // Returns the operations that wait.
    std::deque<Operation*> stop();

  private:
    using Waiting = std::map<std::uint64_t, std::deque<Operation*>>;

    bool may_go(const Operation& operation) const;

    Waiting waiting_;        // by account, none of them empty
    std::uint64_t last_ = 0; // the account of the last turn
    Operation* has_turn_ = nullptr;
    bool was_answered_ = false; // its next step, if any, is not known yet
    bool is_paused_ = false;
    std::chrono::steady_clock::time_point since_; // when the turn began
};

} // namespace api_key::store
