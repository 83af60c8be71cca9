#include "store/nginx/link.h"

#include <algorithm>
#include <utility>

namespace api_key::store {

namespace {

// A connection that lasted this long and was then closed with nothing outstanding had merely been idle.
constexpr ngx_msec_t short_lived_ms = 1000;
constexpr ngx_msec_t leader_notices_ms = 1000; // in addition to its timeouts; the leader sends commands more often
constexpr std::size_t max_logged = 8;          // bounded, because a server's error texts may differ each time

} // namespace

Link::Link(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, const Link* leader, Owner& owner)
    : options_(options), discovery_(discovery), log_(log), leader_(leader), owner_(owner), connection_(options, *this, log),
      retry_timer_(*this, log, AtShutdown::cancel), leave_timer_(*this, log, AtShutdown::cancel) {
    discovery_.add(*this);
}

void Link::stop() {
    down_ = true; // refuses new flows
    leader_ = nullptr;
    awaits_leader_ = false;
    discovery_.remove(*this);
    connection_.close();
    stop_leaving();
    retry_timer_.stop();
}

void Link::update_idle() {
    connection_.update_idle();
    const AtShutdown at_shutdown = owner_.is_waiting() ? AtShutdown::wait : AtShutdown::cancel;
    leave_timer_.set(at_shutdown);
    retry_timer_.set(at_shutdown);
}

bool Link::use() {
    if (down_ && leader_ != nullptr && !leader_->is_down() && leader_->number() != leader_number_) { // it is back, so this one may be too
        awaits_leader_ = false;
        down_ = false;
        back_off_.reset();
        retry_timer_.stop();
    }
    if (!down_ && !connection_.is_open() && !finding_ && !retry_timer_.is_running()) {
        connect();
    }
    return !down_;
}

void Link::connect() {
    if (connection_.is_open() || finding_) {
        return;
    }
    retry_timer_.stop();
    begin_ms_ = begin_ms_ == 0 ? ngx_current_msec : begin_ms_;
    connected_ms_.reset();
    if (leader_ != nullptr && leader_->is_down()) {
        go_down("unavailable");
        return;
    }
    finding_ = true;
    discovery_.find(*this);
}

void Link::found(const Server& server) {
    finding_ = false;
    if (const char* problem = connection_.open(server)) {
        lose(problem);
    }
}

void Link::not_found(const char* problem) {
    finding_ = false;
    lose(problem);
}

void Link::follow(const Endpoint& server) {
    discovery_.move(server);
    moved(server); // also when the discovery had moved there already
}

// Commands in flight to the old server may still be answered. The back-off keeps servers that redirect us to each other from causing a
// loop.
void Link::moved(const Endpoint& server) {
    if (!connection_.is_open() || connection_.server() == server) {
        return;
    }
    if (!left_ms_ || ngx_current_msec - *left_ms_ >= short_lived_ms) {
        leave_in(0);
    } else if (!leaving_) {
        leave_in(back_off_.next_ms());
    }
}

void Link::look_elsewhere(ngx_msec_t in_ms) {
    if (!leaving_) {
        discovery_.invalidate();
        leave_in(in_ms);
    }
}

void Link::leave_in(ngx_msec_t wait_ms) {
    stop_leaving();
    leaving_ = true;
    leave_ms_ = ngx_current_msec + wait_ms;
    if (wait_ms != 0) {
        leave_timer_.start(wait_ms); // an idle connection gets no reply after which it could leave
    }
    leave();
}

void Link::stop_leaving() {
    leaving_ = false;
    leave_timer_.stop();
}

void Link::leave() {
    if (leaving_ && owner_.is_idle() && ngx_current_msec >= leave_ms_) {
        stop_leaving();
        left_ms_ = ngx_current_msec;
        connection_.close();
        connect();
    }
}

void Link::connected() {
    connected_ms_ = ngx_current_msec;
    number_++;
    down_ = false;
    awaits_leader_ = false;
    if (!std::exchange(logged_, {}).empty()) {
        ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: %s \"%s\" is available again", what(), options_.name.c_str());
    }
    owner_.connected();
}

void Link::closed(const char* reason) {
    const bool was_idle = connected_ms_ && owner_.is_idle() && ngx_current_msec - *connected_ms_ >= short_lived_ms;
    stop_leaving();
    if (*reason == '\0') {
        if (down_) {
            retry_later();
        }
        owner_.lost("the worker shuts down");
    } else if (was_idle) {
        discovery_.invalidate();
        connect();
    } else {
        lose(reason);
    }
}

// Operations started while the worker starts wait for the first connection.
void Link::lose(const char* reason) {
    discovery_.invalidate();
    const ngx_msec_t age_ms = ngx_current_msec - begin_ms_;
    if (number_ == 0 && age_ms < options_.timeout_ms) {
        retry_timer_.start(std::min(back_off_.next_ms(), options_.timeout_ms - age_ms));
    } else {
        go_down(reason);
    }
}

void Link::give_up(const std::string& reason) {
    discovery_.invalidate();
    go_down(reason);
}

void Link::go_down(const std::string& reason) {
    connection_.close();
    stop_leaving();
    if (!std::exchange(down_, true) || awaits_leader_) {
        down_ms_ = ngx_current_msec;
    }
    awaits_leader_ = leader_ != nullptr && leader_->is_down();
    leader_number_ = leader_ != nullptr ? leader_->number() : 0;
    log_unavailable(reason);
    retry_later();
    owner_.lost(reason);
}

void Link::log_unavailable(const std::string& reason) {
    if (leader_ != nullptr && (awaits_leader_ || ngx_current_msec - down_ms_ < leader_notices_ms + 2 * options_.timeout_ms)) {
        return;
    }
    if (logged_.size() < max_logged && logged_.insert(reason).second) {
        ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: %s \"%s\" is unavailable: %s", what(), options_.name.c_str(), reason.c_str());
    }
}

} // namespace api_key::store
