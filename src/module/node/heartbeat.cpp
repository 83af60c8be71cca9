#include "module/node/heartbeat.h"

namespace api_key::module {

Heartbeat::Heartbeat(StoreLink& link, cache::ChangeLog& changes, const store::Node& node, Listener& listener)
    : link_(link), changes_(changes), node_(node), listener_(listener), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {}

// Changes applied while an acknowledgement is in flight go with the next one.
void Heartbeat::acknowledge() {
    const std::uint64_t applied = changes_.sequence();
    if (acknowledging_ || applied == acknowledged_) {
        return;
    }
    acknowledged_ = applied;
    acknowledging_ = link_.run<store::Acknowledge>(Lane::requests, done<&Heartbeat::acknowledged>, this, node_.name, applied) != nullptr;
}

void Heartbeat::acknowledged(const store::Acknowledge& /*flow*/) {
    acknowledging_ = false;
    acknowledge();
}

void Heartbeat::beat() {
    timer_.start(cache::ChangeLog::heartbeat_interval_ms);
    if (is_running_ || !changes_.is_heartbeat_due(ngx_current_msec)) {
        return;
    }
    asked_ms_ = ngx_current_msec;
    asked_sequence_ = changes_.sequence();
    is_running_ = link_.run<store::Heartbeat>(Lane::requests, done<&Heartbeat::answered>, this, node_, asked_sequence_) != nullptr;
}

void Heartbeat::answered(const store::Heartbeat& flow) {
    is_running_ = false;
    if (flow.outcome() != store::Outcome::done) {
        return; // the client logs outages
    }
    report_store(flow.problem());
    if (flow.problem() == nullptr) {
        changes_.heartbeat({asked_ms_, asked_sequence_, flow.sequence(), flow.epoch_tag()}, ngx_current_msec);
        listener_.blocks_version_seen(flow.blocks_version());
        if (changes_.sequence() != asked_sequence_) {
            acknowledge();
        }
    }
}

void Heartbeat::report_store(const char* problem) {
    if (problem_ == problem) {
        return;
    }
    if (problem != nullptr) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0, "api_key: Redis responds, but %s: keys that are not cached get 503", problem);
    } else {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "api_key: Redis is usable again");
    }
    problem_ = problem;
}

} // namespace api_key::module
