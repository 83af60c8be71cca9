// Operations that are done and are answered when a replica has them: one WAIT for all that were done before it over the same connection.
#pragma once

#include <deque>
#include <memory>

#include "store/nginx/operation.h"

namespace api_key::store {

class Confirmation {
  public:
    struct Owner {
        // Runs the flow over the connection with this number, or not at all.
        virtual void run_bound(std::unique_ptr<Flow> flow, unsigned connection, Client::Done done, void* context) = 0;
        virtual void confirmed(Operation* operation) = 0; // or failed
        virtual void ask_again() = 0;                     // `ask` has to be called later, not from here

      protected:
        ~Owner() = default;
    };

    explicit Confirmation(Owner& owner) : owner_(owner) {}

    void add(Operation* operation) { unasked_.push_back(operation); }
    bool has_unasked() const { return !unasked_.empty(); }
    void ask();                    // unless a WAIT is in flight
    std::deque<Operation*> stop(); // returns those not asked about yet

  private:
    void answered(const Flow& answer);
    void undo(const Operation& operation);

    Owner& owner_;
    std::deque<Operation*> unasked_;
    std::deque<Operation*> asked_;
};

} // namespace api_key::store
