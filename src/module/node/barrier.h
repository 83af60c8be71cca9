// A barrier for revocation: the answer to a change is sent when all nodes have applied it, or after a second names those that have not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/metrics.h"
#include "module/node/store_link.h"
#include "store/flows/node_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class Barrier {
  public:
    static constexpr std::uint64_t max_wait_ms = 950;

    // `behind`: the nodes that have not applied it.
    using Done = void (*)(void* context, const std::vector<std::string>& behind);

    // `node`: the name of this node in the store.
    Barrier(StoreLink& link, cache::Metrics& metrics, const std::string& node)
        : link_(link), metrics_(metrics), node_(node), timer_(*this, ngx_cycle->log, store::AtShutdown::wait) {}
    Barrier(const Barrier&) = delete;
    Barrier& operator=(const Barrier&) = delete;

    // Call when this node has applied the change `sequence`. Calls `done` from the event loop, never from inside.
    void wait(std::uint64_t sequence, Done done, void* context);
    void cancel(void* context);

  private:
    struct Waiting {
        std::uint64_t sequence;
        std::uint64_t until_ms; // monotonic
        Done done;
        void* context;
    };

    void ask();
    void answered(const store::LateNodes& flow);
    void end(const std::vector<store::LateNode>& nodes);
    void ask_later();
    void finish(const Waiting& one, const std::vector<std::string>& behind);

    StoreLink& link_;
    cache::Metrics& metrics_;
    const std::string& node_;
    store::Timer<&Barrier::ask> timer_;
    std::vector<Waiting> waiting_; // in the order of their sequence
    std::uint64_t asked_ = 0;      // the last change asked about: a node that has applied it has applied all before it
    ngx_msec_t pause_ms_ = 0;
    bool asking_ = false;
};

} // namespace api_key::module
