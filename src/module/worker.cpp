#include "module/worker.h"

#include "module/node/node.h"
#include "module/settings/shared_zone.h"

namespace api_key::module {

namespace {

Worker* the_worker = nullptr;

void observe_store(void* metrics, store::Outcome outcome, std::uint64_t duration_ns) {
    auto& counted = *static_cast<cache::Metrics*>(metrics);
    counted.add(cache::Counter::store_outcomes, static_cast<std::size_t>(outcome), 1);
    counted.observe(cache::Histogram::store, duration_ns);
}

} // namespace

Worker* worker() {
    return the_worker;
}

Worker::Worker(ngx_cycle_t* cycle, MainConfiguration& main)
    : configuration(main), zone(zone_of(main.zone)), changes(zone), metrics(zone, ngx_worker),
      discovery(store::Discovery::make(*main.redis, cycle->log)),
      client(std::in_place, *main.redis, *discovery, cycle->log, observer(), store::Client::Role{}),
      writes(std::in_place, *main.redis, *discovery, cycle->log, observer(), store::Client::Role{&*client}),
      reads(std::in_place, *main.redis, *discovery, cycle->log, observer(), store::Client::Role{&*client}),
      remembered_keys(cycle->connection_n), lookups(*this), sessions(*this), usage(*this), limits(*this), money(*this), records(*this),
      guard(*this), alerts(*this), attempts(*this), barrier(*this), store_check(*this), log_(cycle->log),
      subscriber_(*main.redis, *discovery, *client, main.keyspace->changes(), this, cycle->log), node_(this_node(zone, main)) {
    heartbeat_timer_.handler = [](ngx_event_t* event) { static_cast<Worker*>(event->data)->beat(); };
    heartbeat_timer_.data = this;
    heartbeat_timer_.log = cycle->log;
    heartbeat_timer_.cancelable = 1;
    if (main.durable_grants) {
        durable_grants.emplace(*main.redis, *discovery, cycle->log, observer(), store::Client::Role{&*client, true});
    }
    subscriber_.start();
    beat();
}

Worker::~Worker() {
    limits.give_back_everything();
    money.settle_everything();
    records.tell_everything();
    for (std::optional<store::Client>* one : {&durable_grants, &reads, &writes, &client}) { // last the one that the others follow
        if (*one) {
            (*one)->stop(); // not `reset`: what ends may ask for more
        }
    }
    if (heartbeat_timer_.timer_set) {
        ngx_del_timer(&heartbeat_timer_);
    }
}

store::Client::Observer Worker::observer() {
    return {observe_store, &metrics};
}

bool Worker::is_store_up() const {
    constexpr std::uint64_t lately_ms = 3000;
    const std::uint64_t confirmed_ms = zone.header().confirmed_ms.load(std::memory_order_relaxed);
    return confirmed_ms != 0 && ngx_current_msec < confirmed_ms + lately_ms;
}

void Worker::channel_message(std::string_view payload) {
    if (const std::optional<store::Wanted> wanted = store::read_wanted(payload)) {
        money.give_back(*wanted);
        return;
    }
    if (const std::optional<std::uint64_t> key_id = cache::changed_key(payload)) {
        records.tell_soon(*key_id);
    }
    if (changes.message(payload)) {
        acknowledge();
    }
}

// Others wait for it to answer their changes. What comes meanwhile goes with the next one.
void Worker::acknowledge() {
    const std::uint64_t applied = changes.sequence();
    if (acknowledging_ || applied == acknowledged_) {
        return;
    }
    acknowledged_ = applied;
    acknowledging_ =
        client->run(std::make_unique<store::Acknowledge>(*configuration.keyspace, node_.name, applied), acknowledged, this) != nullptr;
}

void Worker::acknowledged(void* context, store::Flow& /*flow*/) {
    auto& self = *static_cast<Worker*>(context);
    self.acknowledging_ = false;
    self.acknowledge();
}

void Worker::beat() {
    ngx_add_timer(&heartbeat_timer_, cache::ChangeLog::heartbeat_interval_ms);
    if (heartbeat_running_ || !changes.is_heartbeat_due(ngx_current_msec)) {
        return;
    }
    heartbeat_asked_ms_ = ngx_current_msec;
    heartbeat_sequence_ = changes.sequence();
    heartbeat_running_ = client->run(std::make_unique<store::Heartbeat>(*configuration.keyspace, node_, heartbeat_sequence_),
                                     heartbeat_done, this) != nullptr;
}

void Worker::heartbeat_done(void* context, store::Flow& ended) {
    auto& self = *static_cast<Worker*>(context);
    const auto& flow = static_cast<const store::Heartbeat&>(ended);
    self.heartbeat_running_ = false;
    if (flow.outcome() != store::Outcome::done) {
        return; // the client has logged that the store is away
    }
    self.store_state(flow.problem());
    if (flow.problem() == nullptr) {
        self.changes.heartbeat({self.heartbeat_asked_ms_, self.heartbeat_sequence_, flow.sequence(), flow.epoch_tag()}, ngx_current_msec);
        self.guard.follow(flow.blocks_version());
        if (self.changes.sequence() != self.heartbeat_sequence_) {
            self.acknowledge();
        }
    }
}

// Once per change of state.
void Worker::store_state(const char* problem) {
    if (problem_ == problem) {
        return;
    }
    if (problem != nullptr) {
        ngx_log_error(NGX_LOG_CRIT, log_, 0, "api_key: the store answers, but %s: keys that are not cached get 503", problem);
    } else {
        ngx_log_error(NGX_LOG_NOTICE, log_, 0, "api_key: the store is usable again");
    }
    problem_ = problem;
}

void Worker::operation_failed(const std::string& problem, const std::string& what) {
    if (!problem.empty() && told_.is_news(what, ngx_current_msec)) {
        ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: the store failed: %s", problem.c_str());
    }
}

ngx_int_t start_worker(ngx_cycle_t* cycle) {
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) {
        return NGX_OK;
    }
    auto* main = static_cast<MainConfiguration*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_api_key_module));
    if (main != nullptr && main->in_use) {
        ngx_time_update(); // the clock stands where it stood when the configuration began to be read: timers would be over at once
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
        say_goodbye(zone_of(main->zone), *main);
    }
}

} // namespace api_key::module
