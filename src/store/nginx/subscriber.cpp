#include "store/nginx/subscriber.h"

#include <algorithm>
#include <utility>

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"
#include "store/nginx/timer.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr ngx_msec_t subscriber_ping_interval_ms = 250;
constexpr ngx_msec_t min_patience_ms = 1000;

bool is_message(const redisReply* reply, std::string_view kind) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 && text(reply->element[0]) == kind;
}

} // namespace

class Subscriber::Impl final : private Connection::Owner, private Discovery::Listener {
  public:
    Impl(const ClientOptions& options, Discovery& discovery, const Client& leader, std::string channel, SubscriberWatcher* watcher,
         ngx_log_t* log)
        : options_(options), discovery_(discovery), leader_(leader), channel_(std::move(channel)), watcher_(watcher), log_(log),
          connection_(options, *this, log), timer_(*this, log, AtShutdown::cancel) {
        discovery_.add(*this);
    }

    ~Impl() {
        discovery_.remove(*this);
        connection_.close();
    }

    bool is_subscribed() const { return subscribed_; }

    void connect() {
        finding_ = true;
        discovery_.find(*this);
    }

  private:
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

    void moved(const Endpoint& server) override {
        if (connection_.is_open() && connection_.server() != server) {
            drop("the master has moved"); // and the discovery knows where to
        }
    }

    // No caller waits for messages, so this connection never holds up a worker that shuts down.
    bool is_waiting() const override { return false; }

    void connected() override {
        connection_.send(encode({"SUBSCRIBE", channel_}));
        ask();
        timer_.start(subscriber_ping_interval_ms);
    }

    void closed(const char* reason) override {
        if (*reason == '\0') {
            timer_.stop();
        } else {
            lose(reason);
        }
    }

    void lose(const char* reason) {
        drop(reason);
        discovery_.invalidate();
    }

    void drop(const char* reason) {
        if (!std::exchange(lost_, true)) {
            ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: the change channel of Redis \"%s\" is lost: %s", options_.name.c_str(), reason);
        }
        subscribed_ = false;
        connection_.close();
        timer_.restart(back_off_.next_ms());
    }

    void tick() {
        if (finding_ || leader_.is_down()) {
            timer_.start(subscriber_ping_interval_ms);
            return;
        }
        if (!connection_.is_open()) {
            connect();
            return;
        }
        if (answered_) {
            connection_.send(encode({"PING"}));
            ask();
        } else if (ngx_current_msec - asked_ms_ >= std::max(options_.timeout_ms, min_patience_ms)) {
            lose("a command timed out");
            return;
        }
        timer_.start(subscriber_ping_interval_ms);
    }

    void ask() {
        answered_ = false;
        asked_ms_ = ngx_current_msec;
    }

    void replied(Reply reply) override {
        answered_ = true;
        if (reply->type == REDIS_REPLY_ERROR) {
            const std::string reason = printable(text(reply.get()));
            lose(reason.c_str());
        } else if (is_message(reply.get(), "message")) {
            watcher_->channel_message(text(reply->element[2]));
        } else if (is_message(reply.get(), "subscribe")) {
            subscribed();
        }
    }

    void subscribed() {
        back_off_.reset();
        subscribed_ = true;
        if (std::exchange(lost_, false)) {
            ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: the change channel of Redis \"%s\" is restored", options_.name.c_str());
        }
    }

    const ClientOptions& options_;
    Discovery& discovery_;
    const Client& leader_;
    std::string channel_;
    SubscriberWatcher* watcher_;
    ngx_log_t* log_;
    Connection connection_;
    Timer<&Impl::tick> timer_;
    BackOff back_off_;
    ngx_msec_t asked_ms_ = 0;
    bool answered_ = false;
    bool finding_ = false; // the server to connect to
    bool subscribed_ = false;
    bool lost_ = false; // between a failure and the next subscription
};

Subscriber::Subscriber(const ClientOptions& options, Discovery& discovery, const Client& leader, std::string channel,
                       SubscriberWatcher* watcher, ngx_log_t* log)
    : impl_(std::make_unique<Impl>(options, discovery, leader, std::move(channel), watcher, log)) {}

Subscriber::~Subscriber() = default;

bool Subscriber::is_subscribed() const {
    return impl_->is_subscribed();
}

void Subscriber::start() {
    impl_->connect();
}

} // namespace api_key::store
