// When the first of those that are on their way over a connection should have been answered. What it had to wait for does not count: those
// before it that wait for others, replies that are long.
#pragma once

#include "store/nginx/operation.h"
#include "store/nginx/options.h"
#include "store/nginx/timer.h"

namespace api_key::store {

class Deadline {
  public:
    struct Owner {
        virtual const Operation* first() const = 0;       // null: nothing is on its way
        virtual std::uint64_t bytes_received() const = 0; // so far
        virtual void overdue() = 0;

      protected:
        ~Owner() = default;
    };

    Deadline(const ClientOptions& options, Owner& owner, ngx_log_t* log);

    void sent(const Operation& operation);
    void replied() { begin(); } // to one command: the one behind it begins
    void answered(const Operation& operation);
    void set(AtShutdown at_shutdown) { timer_.set(at_shutdown); }

  private:
    void begin();
    ngx_msec_t due_ms(const Operation& first) const;
    void watch();
    void look();

    const ClientOptions& options_;
    Owner& owner_;
    Timer<&Deadline::look> timer_;
    ngx_msec_t begin_ms_ = 0;    // when the first one on its way could begin, where it had to wait
    std::uint64_t received_ = 0; // when that was, or was looked at last
};

} // namespace api_key::store
