// The connection to the master: finds and opens it, follows the master when it moves, and reconnects with jittered back-off. Also the
// circuit breaker: while the link is down, nothing waits for it. Changes of state are logged, once each.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"
#include "store/nginx/discovery.h"
#include "store/nginx/timer.h"

namespace api_key::store {

class Link final : private Connection::Owner, private Discovery::Listener {
  public:
    struct Owner {
        virtual void connected() = 0;
        virtual void replied(Reply reply) = 0;
        virtual void lost(const std::string& reason) = 0; // commands in flight will not be answered
        virtual bool is_waiting() const = 0;              // there are callers waiting for replies
        virtual bool is_idle() const = 0;                 // nothing is in flight

      protected:
        ~Owner() = default;
    };

    // A link with a `leader` does not try to connect while the leader cannot, and logs only what the leader does not notice.
    Link(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, const Link* leader, Owner& owner);
    ~Link() { stop(); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    bool use();  // connects if needed; false while it is down
    void stop(); // for good
    bool is_down() const { return down_; }
    bool is_ready() const { return connection_.is_ready() && !leaving_; }                     // takes commands
    bool takes(unsigned number) const { return connection_.is_ready() && number_ == number; } // commands bound to that connection
    void send(std::string bytes) { connection_.send(std::move(bytes)); }

    unsigned number() const { return number_; } // of the connection; each has its own
    const Endpoint& server() const { return connection_.server(); }
    std::uint64_t received() const { return connection_.received(); }

    void update_idle();                    // call when the result of `is_waiting` may have changed
    void answered() { back_off_.reset(); } // a reply was good
    void follow(const Endpoint& server);
    void look_elsewhere(ngx_msec_t in_ms);   // this server is not the master: searches again once nothing is in flight
    void leave();                            // if that is due
    void give_up(const std::string& reason); // closes the connection; the link is down

  private:
    void connect();
    void leave_in(ngx_msec_t wait_ms);
    void stop_leaving();
    void lose(const char* reason);
    void go_down(const std::string& reason);
    void log_unavailable(const std::string& reason);
    const char* what() const { return leader_ == nullptr ? "Redis" : "another connection to Redis"; }
    void retry_later() { retry_timer_.start(back_off_.next_ms()); }

    void found(const Server& server) override;
    void not_found(const char* problem) override;
    void moved(const Endpoint& server) override;
    void connected() override;
    void replied(Reply reply) override { owner_.replied(std::move(reply)); }
    void closed(const char* reason) override;
    bool is_waiting() const override { return owner_.is_waiting(); }

    const ClientOptions& options_;
    Discovery& discovery_;
    ngx_log_t* log_;
    const Link* leader_;
    Owner& owner_;
    Connection connection_;
    Timer<&Link::connect> retry_timer_;
    Timer<&Link::leave> leave_timer_;
    BackOff back_off_;
    unsigned number_ = 0;
    ngx_msec_t begin_ms_ = 0;                // of the first attempt to connect
    std::optional<ngx_msec_t> connected_ms_; // when this connection was ready
    std::optional<ngx_msec_t> left_ms_;      // when the link left a server for another one
    std::set<std::string> logged_;           // reasons for being down that were logged, each once
    bool finding_ = false;                   // the server to connect to
    bool leaving_ = false;                   // will go to another server once the commands in flight are answered …
    ngx_msec_t leave_ms_ = 0;                // … but not before
    bool down_ = false;                      // between a failure and the next success …
    ngx_msec_t down_ms_ = 0;                 // … since then, or since the leader is back
    bool awaits_leader_ = false;             // it is down because the leader is
    unsigned leader_number_ = 0;             // the leader's connection when this one was lost
};

} // namespace api_key::store
