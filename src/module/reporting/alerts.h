// `api_key_alert`: tells the operator of what was crossed. Of all nodes' workers one sends what the store has collected; whether the store
// itself is there each node tells for itself. Never in a request's way.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "module/ngx/http_post.h"
#include "store/flows/alert_flows.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

class Alerts {
  public:
    explicit Alerts(Worker& worker);
    ~Alerts();
    Alerts(const Alerts&) = delete;
    Alerts& operator=(const Alerts&) = delete;

  private:
    struct Letter {
        std::string id;   // of the store; empty: of this node
        std::string name; // by which its receiver knows it again
        std::string body;
        std::int64_t since_ms; // unix
    };

    // What became of a letter: one that is refused would be refused again.
    enum class Answer : std::uint8_t { taken, refused, none };

    void tick();
    void watch_store();
    void ask();
    static void asked(void* self, store::Flow& flow);
    bool may_send() const;
    void send(Letter letter);
    static void sent(void* self, unsigned status, const char* problem);
    void finish(Answer answer, const std::string& problem);
    void drop();
    void put_back();
    void tell(bool taken, const std::string& problem);

    Worker& worker_;
    std::string name_;
    std::optional<HttpPost> post_;
    ngx_event_t timer_{};
    bool asking_ = false;
    Letter letter_; // that is being sent
    unsigned failures_ = 0;
    std::uint64_t next_try_ms_ = 0; // monotonic
    std::string problem_;           // last told of
    std::optional<bool> store_up_;
    bool stores_turn_ = false;   // one of the node's own could not be sent
    std::deque<Letter> of_node_; // whether the store is there, still to be sent
};

} // namespace api_key::module
