#include "store/nginx/client.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"
#include "store/nginx/operation.h"
#include "store/nginx/read_turns.h"
#include "store/nginx/redirection.h"
#include "store/topology.h"

namespace api_key::store {

namespace {

// A connection that lasted this long and then was closed with nothing outstanding was merely idle.
constexpr ngx_msec_t short_lived_ms = 1000;

// Commands that were sent on a detour: how often they are tried, and how long at most.
constexpr ngx_msec_t detour_interval_ms = 20;
constexpr ngx_msec_t replica_interval_ms = 100; // a replica may become the master
constexpr std::chrono::milliseconds longest_detour(1000);

// It counts the replicas that have what was written over its own connection: over another one it says yes to anything.
bool is_bound_to_connection(const Command& command) {
    return command.front() == "WAIT";
}

} // namespace

class Client::Impl final : private Connection::Owner, private Discovery::Listener, private Redirection::Owner {
  public:
    Impl(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, const Client* leader)
        : options_(options), discovery_(discovery), log_(log), observer_(observer), leader_(leader), connection_(options, *this, log),
          redirection_(options, *this, log) {
        deadline_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->expire(); };
        retry_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->connect(); };
        detour_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->send_detoured(); };
        rest_timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->end_rest(); };
        end_event_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->end_unsent(); };
        retry_timer_.cancelable = 1;
        for (ngx_event_t* event : {&deadline_timer_, &retry_timer_, &detour_timer_, &rest_timer_, &end_event_}) {
            event->data = this;
            event->log = log;
        }
        discovery_.add(*this);
    }

    ~Impl() {
        down_ = true; // nobody starts anything new
        discovery_.remove(*this);
        connection_.close();
        end_unsent();
        end_all("the worker shuts down");
        for (ngx_event_t* timer : {&deadline_timer_, &retry_timer_, &detour_timer_, &rest_timer_}) {
            if (timer->timer_set) {
                ngx_del_timer(timer);
            }
        }
        if (end_event_.posted) {
            ngx_delete_posted_event(&end_event_);
        }
    }

    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context, std::uint64_t reader) {
        if (leader_ != nullptr && !leader_->is_down()) {
            down_ = false; // it is back, so this one may be too
        }
        if (!down_ && !connection_.is_open() && !finding_ && !retry_timer_.timer_set) {
            connect();
        }
        if (down_) {
            return nullptr;
        }
        auto* operation = new Operation{std::move(flow), done, context, reader};
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
        if (turns_.forget(operation)) {
            delete operation;
        }
    }

    bool is_down() const { return down_; }

  private:
    bool is_waiting() const override { return waiting_ != 0; }

    void waiting_changed() {
        connection_.update_idle();
        deadline_timer_.cancelable = is_waiting() ? 0 : 1;
        detour_timer_.cancelable = is_waiting() ? 0 : 1;
    }

    void connect() {
        if (connection_.is_open() || finding_) {
            return;
        }
        if (retry_timer_.timer_set) {
            ngx_del_timer(&retry_timer_);
        }
        begin_ms_ = begin_ms_ == 0 ? ngx_current_msec : begin_ms_;
        connected_ms_.reset();
        if (leader_ != nullptr && leader_->is_down()) {
            go_down("unavailable");
            return;
        }
        finding_ = true;
        discovery_.find(*this);
    }

    void found(const Server& server) override {
        finding_ = false;
        if (const char* problem = connection_.open(server)) {
            lose(problem);
        }
    }

    void not_found(const char* problem) override {
        finding_ = false;
        lose(problem);
    }

    // What is on its way to the old one may still be answered.
    void moved(const Endpoint& server) override {
        if (connection_.is_open() && connection_.server() != server) {
            leave_in(0);
        }
    }

    void leave_in(ngx_msec_t wait_ms) {
        leaving_ = true;
        leave_ms_ = ngx_current_msec + wait_ms;
        leave();
    }

    void leave() {
        if (leaving_ && running_.empty() && ngx_current_msec >= leave_ms_) {
            leaving_ = false;
            connection_.close();
            connect();
        }
    }

    void connected() override {
        connected_ms_ = ngx_current_msec;
        connections_++;
        told_.clear();
        if (std::exchange(down_, false) && leader_ == nullptr) {
            ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: Redis \"%s\" is available again", options_.name.c_str());
        }
        send_detoured();
        send_queued();
    }

    void closed(const char* reason) override {
        const bool was_idle = connected_ms_ && running_.empty() && ngx_current_msec - *connected_ms_ >= short_lived_ms;
        leaving_ = false;
        if (*reason == '\0') {
            if (down_) {
                retry_later();
            }
            end_all("the worker shuts down");
        } else if (was_idle) {
            discovery_.doubt();
            connect();
        } else {
            lose(reason);
        }
    }

    // Those who ask while the worker starts wait for the first connection.
    void lose(const char* reason) {
        discovery_.doubt();
        const ngx_msec_t age_ms = ngx_current_msec - begin_ms_;
        if (connections_ == 0 && age_ms < options_.timeout_ms) {
            ngx_add_timer(&retry_timer_, std::min(back_off_.next_ms(), options_.timeout_ms - age_ms));
        } else {
            go_down(reason);
        }
    }

    void go_down(const std::string& reason) {
        connection_.close();
        leaving_ = false;
        down_ = true;
        if (leader_ == nullptr && told_.insert(reason).second) {
            ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: Redis \"%s\" is unavailable: %s", options_.name.c_str(), reason.c_str());
        }
        retry_later();
        end_all(reason);
    }

    void retry_later() { ngx_add_timer(&retry_timer_, back_off_.next_ms()); }

    void send_queued() {
        while (!queued_.empty() && connection_.is_ready() && !leaving_) {
            Operation* operation = queued_.front();
            queued_.pop_front();
            step(operation, {});
        }
    }

    // The next commands of the flow, or its end.
    void step(Operation* operation, std::span<const Reply> replies) {
        operation->commands = operation->flow->next(replies);
        if (operation->commands.empty()) {
            return replies.empty() ? end_later(operation) : end(operation);
        }
        operation->ask_all();
        send(operation);
    }

    void send(Operation* operation) {
        if (operation->reader != 0 && !turns_.has_turn(operation)) {
            turns_.wait(operation);
            return send_next_read();
        }
        std::string bytes = operation->encoded(false);
        if (bytes.empty()) {
            operation->flow->fail("no memory");
            return end_later(operation);
        }
        const bool is_elsewhere = leaving_ || !connection_.is_ready();
        if (is_bound_to_connection(operation->commands.front()) && (is_elsewhere || operation->connection != connections_)) {
            operation->flow->fail("the server is another one than that which took the change");
            return end_later(operation);
        }
        if (is_elsewhere) {
            detoured_.push_back(operation);
            return;
        }
        operation->connection = operation->connection == 0 ? connections_ : operation->connection;
        operation->deadline = ngx_current_msec + options_.timeout_ms + operation->flow->patience_ms();
        running_.push_back(operation);
        connection_.send(std::move(bytes));
        watch_deadline();
    }

    void replied(Reply reply) override {
        if (running_.empty()) {
            go_down("a reply that nobody asked for");
            return;
        }
        Operation* operation = running_.front();
        if (!operation->take(std::move(reply))) {
            return;
        }
        running_.pop_front();
        took(operation);
        leave();
    }

    void took(Operation* operation) {
        const auto has_error = [](const Reply& reply) { return reply->type == REDIS_REPLY_ERROR; };
        if (std::any_of(operation->replies.begin(), operation->replies.end(), has_error) && take_detour(operation)) {
            return;
        }
        back_off_.reset();
        const bool was_read = turns_.answered(operation);
        if (operation->is_in_vain()) {
            delete operation;
        } else {
            step(operation, operation->replies);
        }
        if (was_read) {
            rest();
        }
    }

    void rest() {
        if (const std::uint64_t rest_ms = turns_.rest(); rest_ms != 0) {
            ngx_add_timer(&rest_timer_, rest_ms);
        }
        send_next_read();
    }

    void end_rest() {
        turns_.wake();
        send_next_read();
    }

    void send_next_read() {
        if (Operation* operation = turns_.next()) {
            send(operation);
        }
    }

    // True when some commands have to be asked again: they were not executed.
    bool take_detour(Operation* operation) {
        Detour detour = Detour::none;
        std::size_t first = 0;
        std::vector<std::size_t> again;
        for (std::size_t index = 0; index < operation->replies.size(); index++) {
            if (const Detour one = detour_of(operation->replies[index].get()); one != Detour::none) {
                first = again.empty() ? index : first;
                detour = again.empty() ? one : detour;
                again.push_back(index);
            }
        }
        if (again.empty() || std::chrono::steady_clock::now() - operation->begin > longest_detour) {
            return false;
        }
        operation->ask_again(std::move(again));
        go_round(operation, detour, target_of(operation->replies[first].get(), connection_.server()));
        return true;
    }

    void go_round(Operation* operation, Detour detour, const std::optional<Endpoint>& target) {
        if (detour == Detour::ask && target) {
            return redirection_.send(operation, *target);
        }
        detoured_.push_back(operation);
        if (!detour_timer_.timer_set) {
            ngx_add_timer(&detour_timer_, detour == Detour::read_only ? replica_interval_ms : detour_interval_ms);
        }
        if (detour == Detour::moved && target) {
            discovery_.move(*target);
        } else if (detour == Detour::read_only && !leaving_) {
            discovery_.doubt();
            leave_in(replica_interval_ms);
        } else if (detour == Detour::not_usable) {
            go_down(std::string(text(operation->replies[operation->asked.front()].get())));
        }
    }

    void send_detoured() {
        if (leaving_) {
            return leave(); // `connected` sends them
        }
        if (!connection_.is_ready()) {
            return;
        }
        for (Operation* operation : std::exchange(detoured_, {})) {
            send(operation);
        }
    }

    void redirected(Operation* operation) override { took(operation); }

    void not_redirected(Operation* operation) override { go_round(operation, Detour::try_again, std::nullopt); }

    // The timer is not moved with every command: it looks again when it fires.
    void watch_deadline() {
        if (!running_.empty() && !deadline_timer_.timer_set) {
            const auto left = static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec);
            ngx_add_timer(&deadline_timer_, static_cast<ngx_msec_t>(std::max<ngx_msec_int_t>(left, 1)));
        }
    }

    void expire() {
        if (!running_.empty() && static_cast<ngx_msec_int_t>(running_.front()->deadline - ngx_current_msec) <= 0) {
            discovery_.doubt();
            go_down("a command timed out");
        }
        watch_deadline();
    }

    void end(Operation* operation) {
        const std::chrono::nanoseconds duration = std::chrono::steady_clock::now() - operation->begin;
        observer_.observe(observer_.context, operation->flow->outcome(), static_cast<std::uint64_t>(duration.count()));
        if (const Done done = std::exchange(operation->done, nullptr)) {
            waiting_--;
            waiting_changed();
            done(operation->context, *operation->flow);
        }
        turns_.drop(operation);
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
        send_next_read();
    }

    void end_all(const std::string& reason) {
        std::deque<Operation*> ended = std::exchange(running_, {});
        for (const std::deque<Operation*>& others :
             {redirection_.stop(), std::exchange(detoured_, {}), std::exchange(queued_, {}), turns_.stop()}) {
            ended.insert(ended.end(), others.begin(), others.end());
        }
        for (Operation* operation : ended) {
            operation->flow->fail(reason);
            end(operation);
        }
    }

    const ClientOptions& options_;
    Discovery& discovery_;
    ngx_log_t* log_;
    Observer observer_;
    const Client* leader_;
    Connection connection_;
    Redirection redirection_;
    ngx_event_t deadline_timer_{};
    ngx_event_t retry_timer_{};
    ngx_event_t detour_timer_{};
    ngx_event_t rest_timer_{};
    ngx_event_t end_event_{};
    BackOff back_off_;
    std::deque<Operation*> queued_;          // for a connection that is being made
    std::deque<Operation*> running_;         // sent, in the order of their replies
    std::deque<Operation*> detoured_;        // to be sent again
    ReadTurns turns_;                        // has those that wait for theirs
    std::vector<Operation*> unsent_;         // ended without a command
    unsigned connections_ = 0;               // that were made; the last one is the present one
    std::size_t waiting_ = 0;                // operations that are not abandoned
    std::optional<ngx_msec_t> connected_ms_; // when this connection was
    std::set<std::string> told_;             // why it is down: each reason once
    bool finding_ = false;                   // the server to connect to
    bool leaving_ = false;                   // once what is on its way has been answered: to another server …
    ngx_msec_t leave_ms_ = 0;                // … but not before
    ngx_msec_t begin_ms_ = 0;                // of the first attempt to connect
    bool down_ = false;                      // between a failure and the next success
};

Client::Client(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, const Client* leader)
    : impl_(std::make_unique<Impl>(options, discovery, log, observer, leader)) {}

Client::~Client() = default;

Operation* Client::run(std::unique_ptr<Flow> flow, Done done, void* context, std::uint64_t reader) {
    return impl_->run(std::move(flow), done, context, reader);
}

void Client::abandon(Operation* operation) {
    impl_->abandon(operation);
}

bool Client::is_down() const {
    return impl_->is_down();
}

} // namespace api_key::store
