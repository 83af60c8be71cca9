#include "store/nginx/client.h"

#include <deque>
#include <utility>
#include <vector>

#include "store/nginx/confirmation.h"
#include "store/nginx/deadline.h"
#include "store/nginx/link.h"
#include "store/nginx/operation.h"
#include "store/nginx/read_turns.h"
#include "store/nginx/redirection.h"
#include "store/nginx/timer.h"

namespace api_key::store {

namespace {

// Commands that were not executed: how often they are retried, and how long at most.
constexpr ngx_msec_t retry_interval_ms = 20;
constexpr ngx_msec_t replica_interval_ms = 100; // a replica may be promoted
constexpr std::chrono::milliseconds max_retry_time(1000);

constexpr const char* connection_replaced = "the connection was replaced before a replica confirmed the change";

} // namespace

// Where an operation is between run() and its end: in one of these at a time. lost() ends the operations in all of them as unavailable.
//
//   queued_        until the first connection is there
//   turns_         the next read of an account that reads much, until the reads of others had their turn
//   running_       sent: answered in this order
//                    -> the next step of its flow: sent again, or done
//                    -> ASK: redirection_, a connection of its own to the slot's next server, which answers it
//                    -> MOVED, TRYAGAIN, READONLY, LOADING …: to_retry_
//   to_retry_      sent again by the timer, or as soon as there is another connection; for `max_retry_time` at most
//   confirmation_  done, and what must survive a failover waits for a replica: one WAIT for all that was done before it, on the connection
//                  that did it
//   unsent_        ended without a command; reported at the end of the turn, as run() never calls `done`
class Client::Impl final : private Link::Owner, private Redirection::Owner, private Confirmation::Owner, private Deadline::Owner {
  public:
    Impl(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, Role role)
        : observer_(observer), is_durable_(role.durable),
          link_(options, discovery, log, role.leader != nullptr ? &role.leader->impl_->link_ : nullptr, *this),
          redirection_(options, *this, log), deadline_(options, *this, log), retry_timer_(*this, log, AtShutdown::wait),
          pause_timer_(*this, log, AtShutdown::wait), confirmation_(*this) {
        turn_event_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->end_turn(); };
        turn_event_.data = this;
        turn_event_.log = log;
    }

    ~Impl() { stop(); }

    void stop() {
        link_.stop();
        lost("the worker shuts down");
        end_unsent();
        retry_timer_.stop();
        pause_timer_.stop();
        if (turn_event_.posted) {
            ngx_delete_posted_event(&turn_event_);
        }
    }

    Operation* run(std::unique_ptr<Flow> flow, Done done, void* context, std::uint64_t reader) {
        if (!link_.use()) {
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

    bool is_down() const { return link_.is_down(); }

  private:
    bool is_waiting() const override { return waiting_ != 0; }
    bool is_idle() const override { return running_.empty() && !confirmation_.has_unasked(); }

    void waiting_changed() {
        link_.update_idle();
        const AtShutdown at_shutdown = is_waiting() ? AtShutdown::wait : AtShutdown::cancel;
        deadline_.set(at_shutdown);
        retry_timer_.set(at_shutdown);
    }

    void connected() override {
        send_retries();
        send_queued();
    }

    void send_queued() {
        while (!queued_.empty() && link_.is_ready()) {
            Operation* operation = queued_.front();
            queued_.pop_front();
            step(operation, {});
        }
    }

    // The next commands of the flow, or its end.
    void step(Operation* operation, std::span<const Reply> replies) {
        operation->commands = operation->flow->next(replies);
        if (operation->commands.empty()) {
            return replies.empty() ? end_later(operation) : finish(operation);
        }
        operation->ask_all();
        send(operation);
    }

    void send(Operation* operation) {
        if (operation->reader != 0 && !turns_.has_turn(operation)) {
            turns_.wait(operation);
            return send_next_read();
        }
        if (operation->is_bound ? link_.takes(operation->connection) : link_.is_ready()) {
            return send_now(operation);
        }
        if (!operation->is_bound) {
            to_retry_.push_back(operation);
        } else if (!redirection_.send_bound(operation)) {
            operation->flow->fail(connection_replaced);
            end_later(operation);
        }
    }

    void send_now(Operation* operation) {
        operation->connection = link_.number();
        operation->sent_ms = ngx_current_msec;
        running_.push_back(operation);
        link_.send(operation->encoded(false));
        deadline_.sent(*operation);
    }

    void replied(Reply reply) override {
        if (running_.empty()) {
            link_.give_up("unexpected reply");
            return;
        }
        deadline_.replied();
        Operation* operation = running_.front();
        if (!operation->take(std::move(reply))) {
            return;
        }
        running_.pop_front();
        deadline_.answered(*operation);
        handle_reply(operation);
        link_.leave();
    }

    void handle_reply(Operation* operation) {
        Retry retry = operation->is_bound ? Retry{} : retry_of(*operation, link_.server());
        if (retry.cause == RetryCause::none) {
            link_.answered();
        } else if (std::chrono::steady_clock::now() - operation->begin <= max_retry_time) {
            operation->ask_again(std::move(retry.again));
            return run_again(operation, retry);
        }
        const bool was_read = turns_.answered(operation);
        if (operation->is_abandoned()) {
            delete operation;
        } else {
            step(operation, operation->replies);
        }
        if (was_read) {
            begin_pause();
        }
        follow(retry); // this operation is out of time, but others are not
    }

    void begin_pause() {
        if (const std::uint64_t pause_ms = turns_.begin_pause(); pause_ms != 0) {
            pause_timer_.start(pause_ms);
        }
        send_next_read();
    }

    void pause_ended() {
        turns_.end_pause();
        send_next_read();
    }

    void send_next_read() {
        if (Operation* operation = turns_.next()) {
            send(operation);
        }
    }

    // Retries those of its commands that were not executed.
    void run_again(Operation* operation, const Retry& retry) {
        if (retry.cause == RetryCause::ask && retry.target) {
            operation->connection = 0;
            return redirection_.send(operation, *retry.target);
        }
        to_retry_.push_back(operation);
        if (!retry_timer_.is_running()) {
            retry_timer_.start(retry.cause == RetryCause::read_only ? replica_interval_ms : retry_interval_ms);
        }
        follow(retry);
    }

    void follow(const Retry& retry) {
        if (retry.cause == RetryCause::moved && retry.target) {
            link_.follow(*retry.target);
        } else if (retry.cause == RetryCause::read_only) {
            link_.look_elsewhere(replica_interval_ms);
        } else if (retry.cause == RetryCause::not_usable) {
            link_.give_up(retry.error);
        }
    }

    void send_retries() {
        if (!link_.is_ready()) {
            return; // `connected` sends them
        }
        for (Operation* operation : std::exchange(to_retry_, {})) {
            send(operation);
        }
    }

    void redirected(Operation* operation) override { handle_reply(operation); }

    void not_redirected(Operation* operation) override {
        if (operation->connection == 0) {
            return run_again(operation, {.cause = RetryCause::try_again}); // the command was never sent
        }
        operation->flow->fail("the connection to the server that the slot migrates to was lost");
        end_later(operation);
    }

    const Operation* first() const override { return running_.empty() ? nullptr : running_.front(); }
    std::uint64_t bytes_received() const override { return link_.received(); }
    void overdue() override { link_.give_up("a command timed out"); }

    // Done as far as the master is concerned; a replica may have to confirm it.
    void finish(Operation* operation) {
        const Flow& flow = *operation->flow;
        if (operation->is_bound || !(flow.must_replicate() || (is_durable_ && flow.has_counted()))) {
            return end(operation);
        }
        confirmation_.add(operation);
        ask_again();
    }

    void run_bound(std::unique_ptr<Flow> flow, unsigned connection, Done done, void* context) override {
        auto* operation = new Operation{std::move(flow), done, context, 0};
        operation->connection = connection;
        operation->is_bound = true;
        waiting_ += done != nullptr ? 1 : 0;
        step(operation, {});
        waiting_changed();
    }

    void confirmed(Operation* operation) override { end(operation); }
    void ask_again() override { ngx_post_event(&turn_event_, &ngx_posted_events); }

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

    // A flow without commands ends too, but never inside run().
    void end_later(Operation* operation) {
        unsent_.push_back(operation);
        ngx_post_event(&turn_event_, &ngx_posted_events);
    }

    void end_turn() {
        end_unsent();
        confirmation_.ask();
        link_.leave();
    }

    void end_unsent() {
        for (Operation* operation : std::exchange(unsent_, {})) {
            end(operation);
        }
        send_next_read();
    }

    void end_all(const std::vector<Operation*>& operations, const std::string& reason) {
        for (Operation* operation : operations) {
            operation->flow->fail(reason);
            end(operation);
        }
    }

    void lost(const std::string& reason) override {
        std::vector<Operation*> ended;
        for (const std::deque<Operation*>& others : {std::exchange(running_, {}), redirection_.stop(), std::exchange(to_retry_, {}),
                                                     confirmation_.stop(), std::exchange(queued_, {}), turns_.stop()}) {
            ended.insert(ended.end(), others.begin(), others.end());
        }
        end_all(ended, reason);
    }

    Observer observer_;
    bool is_durable_;
    Link link_;
    Redirection redirection_;
    Deadline deadline_; // of `running_`
    Timer<&Impl::send_retries> retry_timer_;
    Timer<&Impl::pause_ended> pause_timer_;
    ngx_event_t turn_event_{};        // ends what must not end inside run(), and confirms together what was done in one turn
    std::deque<Operation*> queued_;   // until there is a connection
    std::deque<Operation*> running_;  // sent, in the order of their replies
    std::deque<Operation*> to_retry_; // to be sent again
    ReadTurns turns_;                 // holds those that wait for their turn
    Confirmation confirmation_;       // holds those that are done and wait for a replica
    std::vector<Operation*> unsent_;  // ended without a command
    std::size_t waiting_ = 0;         // operations that are not abandoned
};

Client::Client(const ClientOptions& options, Discovery& discovery, ngx_log_t* log, Observer observer, Role role)
    : impl_(std::make_unique<Impl>(options, discovery, log, observer, role)) {}

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

void Client::stop() {
    impl_->stop();
}

} // namespace api_key::store
