// Everything that one worker process owns, in order of construction. Other code is passed only the members that it needs.
#pragma once

#include <string_view>

#include "cache/change_log.h"
#include "cache/metrics.h"
#include "cache/zone.h"
#include "core/documents/rendered_answers.h"
#include "module/admission/address_guard.h"
#include "module/admission/first_use.h"
#include "module/admission/key_lookup.h"
#include "module/admission/limits.h"
#include "module/admission/money.h"
#include "module/admission/session_lookup.h"
#include "module/credentials/remembered_keys.h"
#include "module/node/barrier.h"
#include "module/node/heartbeat.h"
#include "module/node/store_check.h"
#include "module/node/store_link.h"
#include "module/reporting/alerts.h"
#include "module/reporting/attempts.h"
#include "module/reporting/request_records.h"
#include "module/settings/configuration.h"
#include "store/flows/node_flows.h"
#include "store/nginx/subscriber.h"

namespace api_key::module {

class Worker final : private store::SubscriberWatcher, private Heartbeat::Listener {
  public:
    Worker(ngx_cycle_t* cycle, const MainConfiguration& main);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    const MainConfiguration& configuration;
    cache::Zone& zone;
    cache::ChangeLog changes;
    cache::Metrics metrics;
    const store::Node node; // the same for all workers that share the zone
    StoreLink link;
    RememberedKeys remembered_keys;
    RenderedAnswers rendered_answers;
    StoreCheck store_check;
    KeyLookups key_lookups;
    SessionLookups session_lookups;
    FirstUse first_use;
    Limits limits;
    Money money;
    AddressGuard address_guard;
    RequestRecords records;
    Attempts attempts;
    Alerts alerts;
    Barrier barrier;

    // Whether the store's changes reach this node, and all of them have.
    bool is_channel_up() const { return subscriber_.is_subscribed() && changes.is_current(ngx_current_msec); }

  private:
    void channel_message(std::string_view payload) override;
    void blocks_version_seen(std::uint64_t version) override { address_guard.follow(version); }

    store::Subscriber subscriber_;
    Heartbeat heartbeat_;
};

// The worker of this process; null in processes that serve no requests. For nginx's entry points only: they pass on what is needed.
Worker* worker();

// nginx's hooks for the start and the end of a process.
ngx_int_t start_worker(ngx_cycle_t* cycle);
void stop_worker(ngx_cycle_t* cycle);
void stop_node(ngx_cycle_t* cycle); // in the master, when nginx exits

} // namespace api_key::module
