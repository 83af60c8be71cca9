// `api_key_alert`: tells the operator of what was crossed. Of all nodes' workers one sends what the store has collected; whether the store
// itself is there each node tells for itself. Never in a request's way.
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
        std::string id;   // of the store; empty: of this node
        std::string name; // by which its receiver knows it again
        std::string body;
        std::int64_t since_ms; // unix
    };

    // What became of an alert: one that is refused would be refused again.
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
    void tell(bool taken, const std::string& problem);

    StoreLink& link_;
    cache::Metrics& metrics_;
    const AlertTarget* target_;
    std::string name_;
    std::optional<HttpPost> post_;
    store::Timer<&Alerts::tick> timer_;
    bool asking_ = false;
    OutgoingAlert outgoing_; // that is being sent
    unsigned failures_ = 0;
    std::uint64_t next_try_ms_ = 0; // monotonic
    std::string problem_;           // last told of
    std::optional<bool> store_up_;
    bool stores_turn_ = false;          // one of the node's own could not be sent
    std::deque<OutgoingAlert> of_node_; // whether the store is there, still to be sent
};

} // namespace api_key::module
