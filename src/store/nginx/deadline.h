// The deadline of the first operation in flight on a connection. The time it had to wait does not count: operations before it that block in
// the server, and long replies.
#pragma once

#include "store/nginx/operation.h"
#include "store/nginx/options.h"
#include "store/nginx/timer.h"

namespace api_key::store {

class Deadline {
  public:
    struct Owner {
        virtual const Operation* first() const = 0;       // null: nothing is in flight
        virtual std::uint64_t bytes_received() const = 0; // so far
        virtual void overdue() = 0;

      protected:
        ~Owner() = default;
    };

    Deadline(const ClientOptions& options, Owner& owner, ngx_log_t* log);

    void sent(const Operation& operation);
    void replied() { begin(); } // to one command: the time of the next one begins
    void answered(const Operation& operation);
    void set(AtShutdown at_shutdown) { timer_.set(at_shutdown); }

  private:
    void begin();
    ngx_msec_t due_ms(const Operation& first) const;
    void watch();
    void check();

    const ClientOptions& options_;
    Owner& owner_;
    Timer<&Deadline::check> timer_;
    ngx_msec_t begin_ms_ = 0;    // when the first one in flight could begin, if it had to wait
    std::uint64_t received_ = 0; // bytes received then, or at the last check
};

} // namespace api_key::store
