// What one worker process holds: its way to the store, its view of the zone, its timers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/change_log.h"
#include "cache/metrics.h"
#include "cache/zone.h"
#include "core/text/told_lately.h"
#include "module/admission/address_guard.h"
#include "module/admission/first_use.h"
#include "module/admission/key_lookup.h"
#include "module/admission/limits.h"
#include "module/admission/money.h"
#include "module/admission/sessions.h"
#include "module/credentials/remembered_keys.h"
#include "module/manage/rendered_answers.h"
#include "module/node/barrier.h"
#include "module/node/store_check.h"
#include "module/reporting/alerts.h"
#include "module/reporting/attempts.h"
#include "module/reporting/request_records.h"
#include "module/settings/configuration.h"
#include "store/flows/node_flows.h"
#include "store/nginx/client.h"
#include "store/nginx/subscriber.h"

namespace api_key::module {

class Worker final : private store::SubscriberWatcher {
  public:
    Worker(ngx_cycle_t* cycle, MainConfiguration& configuration);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    MainConfiguration& configuration;
    cache::Zone& zone;
    cache::ChangeLog changes;
    cache::Metrics metrics;
    std::unique_ptr<store::Discovery> discovery;
    std::optional<store::Client> client;         // what requests wait for. Connections of their own have …
    std::optional<store::Client> writes;         // … changes, which wait for a replica,
    std::optional<store::Client> reads;          // … what tenants read, however large it is,
    std::optional<store::Client> durable_grants; // … and grants and holds, where they wait for a replica too
    RememberedKeys remembered_keys;
    RenderedAnswers rendered_answers;
    Lookups lookups;
    Sessions sessions;
    Usage usage;
    Limits limits;
    Money money;
    Records records;
    AddressGuard guard;
    Alerts alerts;
    Attempts attempts;
    Barrier barrier;
    StoreCheck store_check;

    store::Client& grants() { return durable_grants ? *durable_grants : *client; }
    const store::Node& node() const { return node_; } // all workers that share the zone
    bool is_store_up() const;                         // it has answered this node not long ago

    // For the error log: an operation failed although the store answers. Logged once, until it has not come for a minute; so is what is
    // the same problem, where that is told.
    void operation_failed(const std::string& problem) { operation_failed(problem, problem); }
    void operation_failed(const std::string& problem, const std::string& what);

  private:
    void channel_message(std::string_view payload) override;

    store::Client::Observer observer();
    void beat();
    void acknowledge();
    static void acknowledged(void* context, store::Flow& flow);
    static void heartbeat_done(void* context, store::Flow& flow);
    void store_state(const char* problem);

    ngx_log_t* log_;
    store::Subscriber subscriber_;
    ngx_event_t heartbeat_timer_{};
    std::uint64_t heartbeat_asked_ms_ = 0;
    std::uint64_t heartbeat_sequence_ = 0;
    bool heartbeat_running_ = false;
    store::Node node_;
    std::uint64_t acknowledged_ = 0;
    bool acknowledging_ = false;
    const char* problem_ = nullptr;
    ToldLately told_;
};

// Of this process; null in those that serve no requests.
Worker* worker();

// nginx's life of a process.
ngx_int_t start_worker(ngx_cycle_t* cycle);
void stop_worker(ngx_cycle_t* cycle);
void stop_node(ngx_cycle_t* cycle); // of the master, when nginx ends

} // namespace api_key::module
