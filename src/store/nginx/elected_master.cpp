#include "store/nginx/elected_master.h"

#include "store/replies.h"
#include "store/server/topology.h"

namespace api_key::store {

namespace {

constexpr ngx_msec_t master_ping_interval_ms = 1000;

} // namespace

ElectedMaster::ElectedMaster(const ClientOptions& options, ngx_log_t* log)
    : Discovery(options), asked_lookup_(options.names, asked_name_),
      connection_(options, *this, log, of_sentinel() ? Greeting::none : Greeting::login), timer_(*this, log, AtShutdown::cancel) {
    turn_ = static_cast<std::size_t>(ngx_random()); // so that not all workers ask the same server first
}

ElectedMaster::~ElectedMaster() {
    connection_.close();
}

void ElectedMaster::search() {
    failures_ = 0;
    if (!asking_) {
        ask_next();
    }
}

void ElectedMaster::ask_next() {
    const std::vector<Endpoint>& endpoints = options_.access.location.endpoints;
    connection_.close();
    timer_.stop();
    set_asking(true);
    listening_ = false;
    asked_ = endpoints[turn_++ % endpoints.size()];
    asked_lookup_.start(asked_);
}

// A query in flight holds up a worker that shuts down.
void ElectedMaster::set_asking(bool asking) {
    asking_ = asking;
    timer_.set(asking ? AtShutdown::wait : AtShutdown::cancel);
    connection_.update_idle();
}

void ElectedMaster::ask(const Server& server) {
    if (const char* problem = connection_.open(server)) {
        failed(problem);
    }
}

// Subscribes and asks at once, so that no switch is missed between the answer and the subscription.
void ElectedMaster::connected() {
    connection_.send(encode(master_query(options_.access.location)));
    if (of_sentinel()) {
        connection_.send(encode({"SUBSCRIBE", "+switch-master"}));
    }
    timer_.restart(options_.timeout_ms);
}

// Listeners are notified only after all servers have been asked.
void ElectedMaster::failed(const std::string& problem) {
    connection_.close();
    timer_.stop();
    set_asking(false);
    listening_ = false;
    if (++failures_ < options_.access.location.endpoints.size()) {
        return ask_next();
    }
    give_up(asked_.text() + ": " + problem);
    if (of_sentinel() && !asking_) {
        timer_.restart(back_off_.next_ms());
    }
}

void ElectedMaster::answered(const redisReply* reply) {
    const Result<Endpoint> master = master_in(options_.access.location, reply, asked_);
    if (!master) {
        return failed(master.error().message);
    }
    set_asking(false);
    failures_ = 0;
    back_off_.reset();
    if (of_sentinel()) {
        listening_ = true;
        pinged_ = false;
        timer_.restart(master_ping_interval_ms);
    } else {
        connection_.close();
        timer_.stop();
    }
    settle(*master);
}

void ElectedMaster::replied(Reply reply) {
    if (asking_) {
        return answered(reply.get());
    }
    pinged_ = false;
    const bool is_message = is_array(reply.get()) && reply->elements == 3 && text(reply->element[0]) == "message";
    if (!is_message) {
        return;
    }
    if (const std::optional<Endpoint> master = switched_master(options_.access.location, text(reply->element[2]))) {
        settle(*master);
    }
}

void ElectedMaster::closed(const char* reason) {
    timer_.stop();
    if (*reason == '\0') {
        return; // the worker shuts down
    }
    if (asking_) {
        return failed(reason);
    }
    if (listening_) {
        ask_next();
    }
}

// The answer timed out; or it is time to check the sentinel that we listen to, or to look for one.
void ElectedMaster::tick() {
    if (asking_) {
        failed("it did not answer in time");
    } else if (!listening_ || pinged_) {
        failures_ = 0;
        ask_next();
    } else {
        connection_.send(encode({"PING"}));
        pinged_ = true;
        timer_.restart(master_ping_interval_ms);
    }
}

} // namespace api_key::store
