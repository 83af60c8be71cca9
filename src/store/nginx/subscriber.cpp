#include "store/nginx/subscriber.h"

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"

namespace api_key::store {

namespace {

constexpr ngx_msec_t ping_interval_ms = 1000;

} // namespace

class Subscriber::Impl final : private Connection::Owner {
  public:
    Impl(const ClientOptions& options, std::string channel, SubscriberWatcher* watcher, ngx_log_t* log)
        : channel_(std::move(channel)), watcher_(watcher), connection_(options, *this, log) {
        timer_.handler = [](ngx_event_t* event) { static_cast<Impl*>(event->data)->tick(); };
        timer_.data = this;
        timer_.log = log;
        timer_.cancelable = 1;
    }

    ~Impl() {
        connection_.close();
        if (timer_.timer_set) {
            ngx_del_timer(&timer_);
        }
    }

    void connect() {
        if (!connection_.open()) {
            ngx_add_timer(&timer_, back_off_.next_ms());
        }
    }

  private:
    // Nobody waits for a message: this connection never holds up a worker that shuts down.
    bool is_waiting() const override { return false; }

    void connected() override {
        connection_.send({"SUBSCRIBE", channel_});
        answered_ = true;
        ngx_add_timer(&timer_, ping_interval_ms);
    }

    void closed(const char* reason) override {
        if (*reason != '\0') {
            ngx_add_timer(&timer_, back_off_.next_ms());
        }
    }

    void tick() {
        if (!connection_.is_open()) {
            connect();
        } else if (!answered_) {
            connection_.close();
            connect();
        } else {
            answered_ = false;
            connection_.send({"PING"});
            ngx_add_timer(&timer_, ping_interval_ms);
        }
    }

    void replied(Reply reply) override {
        answered_ = true;
        back_off_.reset();
        if (reply->type == REDIS_REPLY_ERROR) {
            connection_.close();
            ngx_add_timer(&timer_, back_off_.next_ms());
            return;
        }
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 && text(reply->element[0]) == "message") {
            watcher_->channel_message(text(reply->element[2]));
        }
    }

    std::string channel_;
    SubscriberWatcher* watcher_;
    Connection connection_;
    ngx_event_t timer_{};
    BackOff back_off_;
    bool answered_ = false;
};

Subscriber::Subscriber(const ClientOptions& options, std::string channel, SubscriberWatcher* watcher, ngx_log_t* log)
    : impl_(std::make_unique<Impl>(options, std::move(channel), watcher, log)) {}

Subscriber::~Subscriber() = default;

void Subscriber::start() {
    impl_->connect();
}

} // namespace api_key::store
