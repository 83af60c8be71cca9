// A worker's connections to the store, one for each kind of work, and whether the store is up.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cache/metrics.h"
#include "cache/zone.h"
#include "core/text/recently_logged.h"
#include "module/settings/configuration.h"
#include "store/blocking/blocking_runner.h"
#include "store/nginx/client.h"
#include "store/nginx/discovery.h"

namespace api_key::module {

class StoreLink {
  public:
    // What a connection is for, so that no kind of work queues behind another.
    enum class Lane : std::uint8_t {
        requests, // flows that requests wait for
        grants,   // allowances and holds: `requests`, unless grants wait for a replica
        writes,   // changes, which wait for a replica
        reads,    // reads of tenants, however large
    };

    // All of these must outlive the link.
    StoreLink(const MainConfiguration& main, cache::Zone& zone, cache::Metrics& metrics, ngx_log_t* log);
    StoreLink(const StoreLink&) = delete;
    StoreLink& operator=(const StoreLink&) = delete;

    // Starts a flow with the keyspace of this store and these arguments; see store::Client::run. Null when the store is known to be down.
    template <class Flow, class... Arguments>
    store::Operation* run(Lane lane, store::Client::Done done, void* context, Arguments&&... arguments) {
        return client(lane).run(std::make_unique<Flow>(keyspace_, std::forward<Arguments>(arguments)...), done, context);
    }

    // The same for a flow whose end nothing waits for.
    template <class Flow, class... Arguments>
    void send(Lane lane, Arguments&&... arguments) {
        run<Flow>(lane, nullptr, nullptr, std::forward<Arguments>(arguments)...);
    }

    // For a worker that shuts down: opens, at the first call, a blocking connection that all services share for their final reports. False
    // when the store is down, or was lost since: then nothing need be taken out for it.
    bool can_run_at_shutdown();
    void run_at_shutdown(store::Flow& flow); // runs the flow to its end

    store::Client& client(Lane lane) { return *lanes_[static_cast<std::size_t>(lane)]; }
    const store::Keyspace& keyspace() const { return keyspace_; }
    store::Discovery& discovery() { return *discovery_; }
    bool is_down() const { return requests_.is_down(); } // flows are refused
    bool is_up() const;                                  // has answered this node recently

    // Logs that an operation failed although the store answers: once, until the problem has not occurred for a minute. `same_problem`
    // is the same for all problems that are logged as one.
    void operation_failed(const std::string& problem) { operation_failed(problem, problem); }
    void operation_failed(const std::string& problem, const std::string& same_problem);

    void stop(); // for good: running flows end as unavailable

  private:
    store::Client::Observer observer();

    const store::ClientOptions& options_;
    const store::Keyspace& keyspace_;
    const cache::Zone& zone_;
    cache::Metrics& metrics_;
    ngx_log_t* log_;
    std::unique_ptr<store::Discovery> discovery_;
    store::Client requests_;
    store::Client writes_;
    store::Client reads_;
    std::optional<store::Client> durable_grants_;
    std::array<store::Client*, 4> lanes_; // by Lane
    RecentlyLogged logged_;
    std::optional<Result<store::BlockingRunner>> shutdown_runner_; // the connection of run_at_shutdown()
};

using Lane = StoreLink::Lane;

// A `done` callback that calls a method of its context, with the flow as its own type.
namespace detail {
template <auto Method>
struct Done;

template <class Owner, class Flow, void (Owner::*Method)(Flow&)>
struct Done<Method> {
    static void call(void* context, store::Flow& flow) { (static_cast<Owner*>(context)->*Method)(static_cast<Flow&>(flow)); }
};

// For a context that belongs to the owner of the method.
template <class Owner, class Pending, class Flow, void (Owner::*Method)(Pending&, Flow&)>
struct Done<Method> {
    static void call(void* context, store::Flow& flow) {
        auto& pending = *static_cast<Pending*>(context);
        (pending.owner.*Method)(pending, static_cast<Flow&>(flow));
    }
};
} // namespace detail

template <auto Method>
inline constexpr store::Client::Done done = detail::Done<Method>::call;

} // namespace api_key::module
