#include "module/store_check.h"

#include "module/worker.h"
#include "store/examination.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_look_ms = 200;
constexpr ngx_msec_t interval_ms = 30'000;

} // namespace

StoreCheck::StoreCheck(Worker& worker) : worker_(worker) {
    timer_.handler = [](ngx_event_t* event) { static_cast<StoreCheck*>(event->data)->look(); };
    timer_.data = this;
    timer_.log = ngx_cycle->log;
    timer_.cancelable = 1;
    if (ngx_worker == 0) {
        ngx_add_timer(&timer_, first_look_ms);
    }
}

StoreCheck::~StoreCheck() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
}

void StoreCheck::look() {
    ngx_add_timer(&timer_, interval_ms);
    worker_.client->run(std::make_unique<store::Examination>(*worker_.configuration.keyspace), looked, this);
}

void StoreCheck::looked(void* self, store::Flow& flow) {
    auto& check = *static_cast<StoreCheck*>(self);
    if (flow.outcome() != store::Outcome::done) {
        return;
    }
    for (const store::Finding& finding : static_cast<const store::Examination&>(flow).findings()) {
        const std::string detail = finding.state == store::Finding::State::ok ? std::string() : finding.detail;
        if (std::exchange(check.told_[finding.check], detail) == detail || detail.empty()) {
            continue;
        }
        const ngx_uint_t level = finding.state == store::Finding::State::fail ? NGX_LOG_CRIT : NGX_LOG_WARN;
        ngx_log_error(level, ngx_cycle->log, 0, "api_key: the store needs attention, %s: %s", finding.check.c_str(), detail.c_str());
    }
}

} // namespace api_key::module
