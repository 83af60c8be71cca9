#include "store/nginx/redirection.h"

#include <algorithm>
#include <utility>

namespace api_key::store {

Redirection::Redirection(const ClientOptions& options, Owner& owner, ngx_log_t* log)
    : options_(options), owner_(owner), lookup_(options.names, *this), connection_(options, *this, log) {
    timeout_.handler = [](ngx_event_t* event) { static_cast<Redirection*>(event->data)->closed("timed out"); };
    timeout_.data = this;
    timeout_.log = log;
}

Redirection::~Redirection() {
    stop();
}

void Redirection::send(Operation* operation, const Endpoint& server) {
    if (server_ != server) {
        closed("");
        server_ = server;
    }
    queued_.push_back(operation);
    if (connection_.is_ready()) {
        connected();
    } else if (!connection_.is_open()) {
        lookup_.start(server);
    }
}

bool Redirection::send_bound(Operation* operation) {
    if (!connection_.is_ready() || operation->connection != number_) {
        return false;
    }
    queued_.push_back(operation);
    connected();
    return true;
}

void Redirection::resolved(const Server& server) {
    number_++;
    if (const char* problem = connection_.open(server)) {
        closed(problem);
    }
}

void Redirection::connected() {
    for (Operation* operation : std::exchange(queued_, {})) {
        asking_ = asking_ || running_.empty();
        operation->connection = number_;
        running_.push_back(operation);
        connection_.send(operation->encoded(true));
    }
    connection_.update_idle();
    if (!running_.empty()) {
        ngx_add_timer(&timeout_, longest_ms());
    }
}

ngx_msec_t Redirection::longest_ms() const {
    unsigned patience_ms = 0;
    for (const Operation* operation : running_) {
        patience_ms = std::max(patience_ms, operation->flow->patience_ms());
    }
    return options_.timeout_ms + patience_ms;
}

void Redirection::replied(Reply reply) {
    if (running_.empty()) {
        return closed("");
    }
    if (std::exchange(asking_, !asking_)) {
        return;
    }
    if (Operation* operation = running_.front(); operation->take(std::move(reply))) {
        running_.pop_front();
        owner_.redirected(operation);
    }
    if (running_.empty()) {
        asking_ = false;
        connection_.update_idle();
        if (timeout_.timer_set) {
            ngx_del_timer(&timeout_);
        }
    }
}

void Redirection::closed(const char* /*reason*/) {
    for (Operation* operation : stop()) {
        owner_.not_redirected(operation);
    }
}

std::deque<Operation*> Redirection::stop() {
    lookup_.cancel();
    if (timeout_.timer_set) {
        ngx_del_timer(&timeout_);
    }
    connection_.close();
    asking_ = false;
    server_.reset();
    std::deque<Operation*> operations = std::exchange(running_, {});
    operations.insert(operations.end(), queued_.begin(), queued_.end());
    queued_.clear();
    return operations;
}

} // namespace api_key::store
