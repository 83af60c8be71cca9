// Subscribes to the change channel over a second connection, and keeps reconnecting. A missed message is detected by the heartbeat
// (cache/change_log.h), not here.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/nginx/client.h"

namespace api_key::store {

struct SubscriberWatcher {
    virtual void channel_message(std::string_view payload) = 0;

  protected:
    ~SubscriberWatcher() = default;
};

class Subscriber {
  public:
    // Does not try to connect while the leader is down.
    Subscriber(const ClientOptions& options, Discovery& discovery, const Client& leader, std::string channel, SubscriberWatcher* watcher,
               ngx_log_t* log);
    ~Subscriber();
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    bool is_subscribed() const;
    void start(); // connects, and goes on reconnecting with back-off

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace api_key::store
