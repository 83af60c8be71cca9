#include "store/nginx/client.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"

namespace api_key::store {

class Client::Operation {
  public:
    std::unique_ptr<Flow> flow;
    Done done; // null: abandoned
    void* context;
    std::vector<Reply> replies;
    std::size_t expected = 0;
    ngx_msec_t deadline = 0;
};

class Client::Impl final : private Connection::Owner {
  public:
    Impl(const ClientOptions& options, ngx_log_t* log) : options_(options), log_(log), connection_(options_, *this, log) {
        deadline_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->expire(); };
        retry_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->connect(); };
        retry_timer_.cancelable = 1;
        for (ngx_event_t* timer : {&deadline_timer_, &retry_timer_}) {
            timer->data = this;
            timer->log = log;
        }
    }

    ~Impl() {
        down_ = true; // nobody starts anything new
        connection_.close();
        end_all("the worker shuts down");
        for (ngx_event_t* timer : {&deadline_timer_, &retry_timer_}) {
            if (timer->timer_set) {
                ngx_del_timer(timer);
            }
        }
    }

    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context) {
        if (!down_ && !connection_.is_open()) {
            connect();
        }
        if (down_) {
            return nullptr;
        }
        auto* operation = new Operation{std::move(flow), done, context, {}};
        waiting_++;
        queued_.push_back(operation);
        send_queued();
        connection_.update_idle();
        return operation;
    }

    void abandon(Operation* operation) {
        operation->done = nullptr;
        waiting_--;
        connection_.update_idle();
        deadline_timer_.cancelable = is_waiting() ? 0 : 1;
    }

  private:
    bool is_waiting() const override { return waiting_ != 0; }

    void connect() {
        if (!connection_.open()) {
            go_down("it cannot be reached");
        }
    }

    void connected() override {
        back_off_.reset();
        if (std::exchange(down_, false)) {
            ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: Redis \"%V\" is available again", &options_.address.name);
        }
        send_queued();
    }

    void closed(const char* reason) override {
        if (*reason == '\0' || (running_.empty() && queued_.empty() && !down_)) {
            return; // idle: the next operation connects
        }
        go_down(reason);
    }

    void go_down(const char* reason) {
        if (!std::exchange(down_, true)) {
            ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: Redis \"%V\" is unavailable: %s", &options_.address.name, reason);
        }
        ngx_add_timer(&retry_timer_, back_off_.next_ms());
        end_all(reason);
    }

    void send_queued() {
        while (!queued_.empty() && connection_.is_ready()) {
            Operation* operation = queued_.front();
            queued_.pop_front();
            send(operation, operation->flow->next({}));
        }
    }

    void send(Operation* operation, const std::vector<Command>& commands) {
        operation->replies.clear();
        operation->expected = commands.size();
        operation->deadline = ngx_current_msec + options_.timeout_ms;
        for (const Command& command : commands) {
            connection_.send(command);
        }
        running_.push_back(operation);
        set_deadline();
    }

    void replied(Reply reply) override {
        if (running_.empty()) {
            connection_.close();
            go_down("a reply that nobody asked for");
            return;
        }
        Operation* operation = running_.front();
        operation->replies.push_back(std::move(reply));
        if (operation->replies.size() < operation->expected) {
            return;
        }
        running_.pop_front();
        const std::vector<Command> commands = operation->flow->next(operation->replies);
        if (commands.empty()) {
            end(operation);
        } else {
            send(operation, commands);
        }
        set_deadline();
        connection_.update_idle();
    }

    void set_deadline() {
        if (deadline_timer_.timer_set) {
            ngx_del_timer(&deadline_timer_);
        }
        if (!running_.empty()) {
            const auto left = static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec);
            deadline_timer_.cancelable = is_waiting() ? 0 : 1;
            ngx_add_timer(&deadline_timer_, static_cast<ngx_msec_t>(std::max<ngx_msec_int_t>(left, 1)));
        }
    }

    void expire() {
        if (running_.empty()) {
            return;
        }
        if (static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec) > 0) {
            set_deadline();
            return;
        }
        connection_.close();
        go_down("it did not answer in time");
    }

    void end(Operation* operation) {
        if (operation->done != nullptr) {
            waiting_--;
            operation->done(operation->context, *operation->flow);
        }
        delete operation;
    }

    void end_all(const char* reason) {
        std::deque<Operation*> ended = std::exchange(running_, {});
        ended.insert(ended.end(), queued_.begin(), queued_.end());
        queued_.clear();
        set_deadline();
        const std::string text(reason); // may be the connection's, which a callback could change
        for (Operation* operation : ended) {
            operation->flow->fail(text);
            end(operation);
        }
    }

    const ClientOptions& options_;
    ngx_log_t* log_;
    Connection connection_;
    ngx_event_t deadline_timer_{};
    ngx_event_t retry_timer_{};
    BackOff back_off_;
    std::deque<Operation*> queued_;  // for a connection that is being made
    std::deque<Operation*> running_; // sent, in the order of their replies
    std::size_t waiting_ = 0;        // operations that are not abandoned
    bool down_ = false;              // between a failure and the next success
};

Client::Client(const ClientOptions& options, ngx_log_t* log) : impl_(std::make_unique<Impl>(options, log)) {}

Client::~Client() = default;

Client::Operation* Client::run(std::unique_ptr<Flow> flow, Done done, void* context) {
    return impl_->run(std::move(flow), done, context);
}

void Client::abandon(Operation* operation) {
    impl_->abandon(operation);
}

} // namespace api_key::store
