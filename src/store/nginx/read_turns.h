// What tenants read takes turns: one step of it is on its way at a time, and the next one is another account's where one waits. After a
// step comes a rest as long as it took, so that the store has time for what is not read; only others that have not read much yet go on in
// it. What an account asks for at once, however much, thus keeps neither changes nor what others read waiting for longer than a step.
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
    // The step has been answered: nobody has a turn before `rest`. False where it had none.
    bool answered(const Operation* operation);
    // Gives how long it lasts: until `wake`, where that is not 0.
    std::uint64_t rest();
    void wake() { rests_ = false; }
    // Gives a turn to the next one, where it is free: to be sent. Null otherwise.
    Operation* next();
    // The step will never be answered. Nothing happens where it had no turn.
    void drop(const Operation* operation);
    // False where it does not wait here.
    bool forget(Operation* operation);
    // Those that wait.
    std::deque<Operation*> stop();

  private:
    using Waiting = std::map<std::uint64_t, std::deque<Operation*>>;

    bool may_go(const Operation& operation) const;

    Waiting waiting_;        // by account, none of them empty
    std::uint64_t last_ = 0; // whose turn it was
    Operation* has_turn_ = nullptr;
    bool was_answered_ = false; // what follows from it is not known yet
    bool rests_ = false;
    std::chrono::steady_clock::time_point since_; // somebody has had the turn
};

} // namespace api_key::store
