// Tells the store that this node is alive and which changes it has applied, and learns which changes there are: the cache is trusted only
// as long as that is known.
#pragma once

#include "cache/change_log.h"
#include "module/node/store_link.h"
#include "store/flows/node_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class Heartbeat {
  public:
    struct Listener {
        virtual void blocks_version_seen(std::uint64_t version) = 0; // the store's list of blocked addresses

      protected:
        ~Listener() = default;
    };

    Heartbeat(StoreLink& link, cache::ChangeLog& changes, const store::Node& node, Listener& listener);
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    void start() { beat(); }

    // Reports at once that the node has applied a change that others wait for.
    void acknowledge();

  private:
    void beat();
    void answered(const store::Heartbeat& flow);
    void acknowledged(const store::Acknowledge& flow);
    void report_store(const char* problem);

    StoreLink& link_;
    cache::ChangeLog& changes_;
    const store::Node& node_;
    Listener& listener_;
    store::Timer<&Heartbeat::beat> timer_;
    std::uint64_t asked_ms_ = 0; // monotonic
    std::uint64_t asked_sequence_ = 0;
    bool is_running_ = false;
    std::uint64_t acknowledged_ = 0; // the last change …
    bool acknowledging_ = false;     // … is being reported
    const char* problem_ = nullptr;  // last reported
};

} // namespace api_key::module
