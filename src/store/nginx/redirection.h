// ASK redirects of a cluster: single commands that another server answers while a slot is being migrated to it.
#pragma once

#include <deque>
#include <optional>

#include "store/nginx/connection.h"
#include "store/nginx/deadline.h"

namespace api_key::store {

class Redirection final : private Connection::Owner, private Deadline::Owner, private NameLookup::Owner {
  public:
    // The operation has its replies, or has none because the server was lost. One that had no connection yet was never sent.
    struct Owner {
        virtual void redirected(Operation* operation) = 0;
        virtual void not_redirected(Operation* operation) = 0;

      protected:
        ~Owner() = default;
    };

    Redirection(const ClientOptions& options, Owner& owner, ngx_log_t* log);
    ~Redirection();

    // Sends the commands in `operation.asked`, each after ASKING.
    void send(Operation* operation, const Endpoint& server);

    bool send_bound(Operation* operation); // false: its connection is gone

    std::deque<Operation*> stop(); // returns the operations in flight

  private:
    static constexpr unsigned first_number = 1U << 31U; // differs from all numbers of a `Link`

    void resolved(const Server& server) override;
    void not_resolved(const char* problem) override { closed(problem); }
    void connected() override;
    void replied(Reply reply) override;
    void closed(const char* reason) override;
    void update_waiting();
    const Operation* first() const override { return running_.empty() ? nullptr : running_.front(); }
    std::uint64_t bytes_received() const override { return connection_.received(); }
    void overdue() override { closed("timed out"); }
    bool is_waiting() const override { return !running_.empty() || !queued_.empty(); }

    Owner& owner_;
    NameLookup lookup_;
    Connection connection_;
    Deadline deadline_;
    std::optional<Endpoint> server_;
    std::deque<Operation*> queued_; // until the connection is ready
    std::deque<Operation*> running_;
    unsigned number_ = first_number; // of the connection; each has its own
    bool asking_ = false;            // the next reply is the one to ASKING
};

} // namespace api_key::store
