// `api_key_alert`: tells the operator which limits were crossed. One worker among all nodes sends the alerts collected in the store; each
// node sends its own alerts on whether the store is up. Never delays a request.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "module/ngx/http_post.h"
#include "module/node/store_link.h"
#include "store/flows/alert_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class Alerts {
  public:
    // Without a target nothing is sent.
    Alerts(StoreLink& link, cache::Metrics& metrics, const AlertTarget* target);
    Alerts(const Alerts&) = delete;
    Alerts& operator=(const Alerts&) = delete;

  private:
    struct OutgoingAlert {
        std::string id;   // in the store; empty: this node's own alert
        std::string name; // lets the receiver detect a duplicate
        std::string body;
        std::int64_t since_ms; // unix
    };

    // The receiver's answer. An alert that it refused is not sent again, as it would be refused again.
    enum class Answer : std::uint8_t { taken, refused, none };

    void tick();
    void watch_store();
    void ask();
    void asked(const store::TakeAlert& flow);
    bool may_send() const;
    void send(OutgoingAlert alert);
    static void sent(void* self, unsigned status, const char* problem);
    void finish(Answer answer, const std::string& problem);
    void drop();
    void put_back();
    void log_delivery(bool taken, const std::string& problem);

    StoreLink& link_;
    cache::Metrics& metrics_;
    const AlertTarget* target_;
    std::string name_;
    std::optional<HttpPost> post_;
    store::Timer<&Alerts::tick> timer_;
    bool asking_ = false;
    OutgoingAlert outgoing_; // being sent
    unsigned failures_ = 0;
    std::uint64_t next_try_ms_ = 0; // monotonic
    std::string problem_;           // last reported
    std::optional<bool> store_up_;
    bool stored_alerts_first_ = false;  // the node's own could not be sent, so the store's go first
    std::deque<OutgoingAlert> of_node_; // on whether the store is up, still to be sent
};

} // namespace api_key::module
