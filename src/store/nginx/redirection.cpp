#include "store/nginx/redirection.h"

#include <utility>

namespace api_key::store {

Redirection::Redirection(const ClientOptions& options, Owner& owner, ngx_log_t* log)
    : owner_(owner), lookup_(options.names, *this), connection_(options, *this, log), deadline_(options, *this, log) {}

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
        operation->sent_ms = ngx_current_msec;
        running_.push_back(operation);
        connection_.send(operation->encoded(true));
        deadline_.sent(*operation);
    }
    update_waiting();
}

void Redirection::update_waiting() {
    connection_.update_idle();
    deadline_.set(is_waiting() ? AtShutdown::wait : AtShutdown::cancel);
}

void Redirection::replied(Reply reply) {
    if (running_.empty()) {
        return closed("");
    }
    deadline_.replied();
    if (std::exchange(asking_, !asking_)) {
        return;
    }
    if (Operation* operation = running_.front(); operation->take(std::move(reply))) {
        running_.pop_front();
        deadline_.answered(*operation);
        owner_.redirected(operation);
    }
    if (running_.empty()) {
        asking_ = false;
        update_waiting();
    }
}

void Redirection::closed(const char* /*reason*/) {
    for (Operation* operation : stop()) {
        owner_.not_redirected(operation);
    }
}

std::deque<Operation*> Redirection::stop() {
    lookup_.cancel();
    connection_.close();
    asking_ = false;
    server_.reset();
    std::deque<Operation*> operations = std::exchange(running_, {});
    operations.insert(operations.end(), queued_.begin(), queued_.end());
    queued_.clear();
    update_waiting();
    return operations;
}

} // namespace api_key::store
