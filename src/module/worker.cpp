#include "module/worker.h"

#include "module/node/node.h"
#include "module/settings/shared_zone.h"

namespace api_key::module {

namespace {

Worker* the_worker = nullptr;

} // namespace

Worker* worker() {
    return the_worker;
}

Worker::Worker(ngx_cycle_t* cycle, const MainConfiguration& main)
    : configuration(main), zone(zone_of(main.zone)), changes(zone), metrics(zone, ngx_worker), node(this_node(zone, main)),
      link(main, zone, metrics, cycle->log), remembered_keys(cycle->connection_n), store_check(link, zone, main, node.name),
      key_lookups(link, zone, main, store_check), session_lookups(link, main, store_check), first_use(link, zone),
      limits(link, zone, metrics), money(link, zone, node.name), address_guard(link, zone), records(link, zone, metrics, main.log_keep),
      attempts(link, *main.peppers), alerts(link, metrics, main.alert ? &*main.alert : nullptr), barrier(link, metrics, node.name),
      subscriber_(*main.redis, link.discovery(), link.client(Lane::requests), main.keyspace->changes(), this, cycle->log),
      heartbeat_(link, changes, node, *this) {
    subscriber_.start();
    heartbeat_.start();
}

Worker::~Worker() {
    limits.give_back_everything();
    money.settle_everything();
    records.flush();
    link.stop(); // before the members are destroyed that are called when its flows end
}

void Worker::channel_message(std::string_view payload) {
    if (const std::optional<store::Wanted> wanted = store::read_wanted(payload)) {
        money.give_back(*wanted);
        return;
    }
    if (const std::optional<std::uint64_t> key_id = cache::changed_key(payload)) {
        records.flush_counts_of(*key_id);
    }
    if (changes.message(payload)) {
        heartbeat_.acknowledge();
    }
}

ngx_int_t start_worker(ngx_cycle_t* cycle) {
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) {
        return NGX_OK;
    }
    const auto* main = static_cast<MainConfiguration*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_api_key_module));
    if (main != nullptr && main->in_use) {
        ngx_time_update(); // nginx's clock still shows when the configuration was read: timers would fire at once
        the_worker = new Worker(cycle, *main);
    }
    return NGX_OK;
}

void stop_worker(ngx_cycle_t* /*cycle*/) {
    delete the_worker;
    the_worker = nullptr;
}

void stop_node(ngx_cycle_t* cycle) {
    const auto* main = static_cast<MainConfiguration*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_api_key_module));
    if (main != nullptr && main->in_use) {
        deregister(zone_of(main->zone), *main);
    }
}

} // namespace api_key::module
