#include "store/nginx/client.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"

namespace api_key::store {

namespace {

// A connection that lasted this long and then was closed with nothing outstanding was merely idle.
constexpr ngx_msec_t short_lived_ms = 1000;

} // namespace

class Client::Operation {
  public:
    std::unique_ptr<Flow> flow;
    Done done; // null: nobody waits
    void* context;
    std::vector<Reply> replies;
    std::size_t expected = 0;
    ngx_msec_t deadline = 0;
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

class Client::Impl final : private Connection::Owner {
  public:
    Impl(const ClientOptions& options, ngx_log_t* log, Observe observe, void* observer)
        : options_(options), log_(log), observe_(observe), observer_(observer), connection_(options, *this, log) {
        deadline_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->expire(); };
        retry_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->connect(); };
        retry_timer_.cancelable = 1;
        end_event_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->end_unsent(); };
        for (ngx_event_t* event : {&deadline_timer_, &retry_timer_, &end_event_}) {
            event->data = this;
            event->log = log;
        }
    }

    ~Impl() {
        down_ = true; // nobody starts anything new
        connection_.close();
        end_unsent();
        end_all("the worker shuts down");
        for (ngx_event_t* timer : {&deadline_timer_, &retry_timer_}) {
            if (timer->timer_set) {
                ngx_del_timer(timer);
            }
        }
        if (end_event_.posted) {
            ngx_delete_posted_event(&end_event_);
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
        waiting_ += done != nullptr ? 1 : 0;
        queued_.push_back(operation);
        send_queued();
        waiting_changed();
        return operation;
    }

    void abandon(Operation* operation) {
        if (std::exchange(operation->done, nullptr) != nullptr) {
            waiting_--;
            waiting_changed();
        }
    }

  private:
    bool is_waiting() const override { return waiting_ != 0; }

    void waiting_changed() {
        connection_.update_idle();
        deadline_timer_.cancelable = is_waiting() ? 0 : 1;
    }

    void connect() {
        connected_ms_.reset();
        if (const char* problem = connection_.open()) {
            go_down(problem);
        }
    }

    void connected() override {
        connected_ms_ = ngx_current_msec;
        if (std::exchange(down_, false)) {
            ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: Redis \"%V\" is available again", &options_.address.name);
        }
        send_queued();
    }

    void closed(const char* reason) override {
        const bool was_idle = connected_ms_ && running_.empty() && ngx_current_msec - *connected_ms_ >= short_lived_ms;
        if (*reason == '\0') {
            if (down_) {
                retry_later();
            }
            end_all("the worker shuts down");
        } else if (was_idle) {
            connect();
        } else {
            go_down(reason);
        }
    }

    void go_down(const char* reason) {
        connection_.close();
        if (!std::exchange(down_, true)) {
            ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: Redis \"%V\" is unavailable: %s", &options_.address.name, reason);
        }
        retry_later();
        end_all(reason);
    }

    void retry_later() { ngx_add_timer(&retry_timer_, back_off_.next_ms()); }

    void send_queued() {
        while (!queued_.empty() && connection_.is_ready()) {
            Operation* operation = queued_.front();
            queued_.pop_front();
            send(operation, operation->flow->next({}));
        }
    }

    void send(Operation* operation, const std::vector<Command>& commands) {
        std::string bytes;
        for (const Command& command : commands) {
            std::string encoded = encode(command);
            if (encoded.empty()) {
                operation->flow->fail("no memory");
                end_later(operation);
                return;
            }
            if (bytes.empty()) {
                bytes = std::move(encoded);
            } else {
                bytes += encoded;
            }
        }
        if (commands.empty()) {
            end_later(operation);
            return;
        }
        operation->replies.clear();
        operation->expected = commands.size();
        operation->deadline = ngx_current_msec + options_.timeout_ms;
        running_.push_back(operation);
        connection_.send(std::move(bytes));
        watch_deadline();
    }

    void replied(Reply reply) override {
        if (running_.empty()) {
            go_down("a reply that nobody asked for");
            return;
        }
        back_off_.reset();
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
    }

    // The timer is not moved with every command: it looks again when it fires.
    void watch_deadline() {
        if (!running_.empty() && !deadline_timer_.timer_set) {
            const auto left = static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec);
            ngx_add_timer(&deadline_timer_, static_cast<ngx_msec_t>(std::max<ngx_msec_int_t>(left, 1)));
        }
    }

    void expire() {
        if (!running_.empty() && static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec) <= 0) {
            go_down("a command timed out");
        }
        watch_deadline();
    }

    void end(Operation* operation) {
        const std::chrono::nanoseconds duration = std::chrono::steady_clock::now() - operation->begin;
        observe_(observer_, operation->flow->outcome(), static_cast<std::uint64_t>(duration.count()));
        if (const Done done = std::exchange(operation->done, nullptr)) {
            waiting_--;
            waiting_changed();
            done(operation->context, *operation->flow);
        }
        delete operation;
    }

    // A flow that asks for nothing ends too, but never inside run().
    void end_later(Operation* operation) {
        unsent_.push_back(operation);
        ngx_post_event(&end_event_, &ngx_posted_events);
    }

    void end_unsent() {
        for (Operation* operation : std::exchange(unsent_, {})) {
            end(operation);
        }
    }

    void end_all(const char* reason) {
        std::deque<Operation*> ended = std::exchange(running_, {});
        ended.insert(ended.end(), queued_.begin(), queued_.end());
        queued_.clear();
        for (Operation* operation : ended) {
            operation->flow->fail(reason);
            end(operation);
        }
    }

    const ClientOptions& options_;
    ngx_log_t* log_;
    Observe observe_;
    void* observer_;
    Connection connection_;
    ngx_event_t deadline_timer_{};
    ngx_event_t retry_timer_{};
    ngx_event_t end_event_{};
    BackOff back_off_;
    std::deque<Operation*> queued_;          // for a connection that is being made
    std::deque<Operation*> running_;         // sent, in the order of their replies
    std::vector<Operation*> unsent_;         // ended without a command
    std::size_t waiting_ = 0;                // operations that are not abandoned
    std::optional<ngx_msec_t> connected_ms_; // when this connection was
    bool down_ = false;                      // between a failure and the next success
};

Client::Client(const ClientOptions& options, ngx_log_t* log, Observe observe, void* observer)
    : impl_(std::make_unique<Impl>(options, log, observe, observer)) {}

Client::~Client() = default;

Client::Operation* Client::run(std::unique_ptr<Flow> flow, Done done, void* context) {
    return impl_->run(std::move(flow), done, context);
}

void Client::abandon(Operation* operation) {
    impl_->abandon(operation);
}

} // namespace api_key::store
