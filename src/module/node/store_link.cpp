#include "module/node/store_link.h"

namespace api_key::module {

namespace {

void observe_store(void* metrics, store::Outcome outcome, std::uint64_t duration_ns) {
    auto& counted = *static_cast<cache::Metrics*>(metrics);
    counted.add(cache::Counter::store_outcomes, outcome);
    counted.observe(cache::Histogram::store, duration_ns);
}

} // namespace

StoreLink::StoreLink(const MainConfiguration& main, cache::Zone& zone, cache::Metrics& metrics, ngx_log_t* log)
    : options_(*main.redis), keyspace_(*main.keyspace), zone_(zone), metrics_(metrics), log_(log),
      discovery_(store::Discovery::make(options_, log)), requests_(options_, *discovery_, log, observer(), store::Client::Role{}),
      writes_(options_, *discovery_, log, observer(), store::Client::Role{&requests_}),
      reads_(options_, *discovery_, log, observer(), store::Client::Role{&requests_}), lanes_{&requests_, &requests_, &writes_, &reads_} {
    if (main.durable_grants) {
        durable_grants_.emplace(options_, *discovery_, log, observer(), store::Client::Role{&requests_, true});
        lanes_[static_cast<std::size_t>(Lane::grants)] = &*durable_grants_;
    }
}

store::Client::Observer StoreLink::observer() {
    return {observe_store, &metrics_};
}

bool StoreLink::is_up() const {
    constexpr std::uint64_t lately_ms = 3000;
    const std::uint64_t confirmed_ms = zone_.header().confirmed_ms.load(std::memory_order_relaxed);
    return confirmed_ms != 0 && ngx_current_msec < confirmed_ms + lately_ms;
}

void StoreLink::operation_failed(const std::string& problem, const std::string& same_problem) {
    if (!problem.empty() && logged_.is_new(same_problem, ngx_current_msec)) {
        ngx_log_error(NGX_LOG_ERR, log_, 0, "api_key: Redis operation failed: %s", problem.c_str());
    }
}

bool StoreLink::can_run_at_shutdown() {
    if (!shutdown_runner_) {
        shutdown_runner_.emplace(store::BlockingRunner::connect(options_.access, options_.timeout_ms));
    }
    return *shutdown_runner_ && (*shutdown_runner_)->is_connected();
}

void StoreLink::run_at_shutdown(store::Flow& flow) {
    if (can_run_at_shutdown()) {
        (*shutdown_runner_)->run(flow);
    } else {
        flow.fail("Redis is unavailable");
    }
}

void StoreLink::stop() {
    if (durable_grants_) {
        durable_grants_->stop();
    }
    reads_.stop();
    writes_.stop();
    requests_.stop(); // the other clients follow it as their leader
}

} // namespace api_key::module
