#include "module/node/store_check.h"

#include "core/policy/node_settings.h"
#include "module/node/node.h"
#include "module/worker.h"
#include "store/flows/examination.h"
#include "store/flows/pepper_flows.h"
#include "store/flows/settings_flows.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_look_ms = 200;
constexpr ngx_msec_t interval_ms = 30'000;

std::string settings_of(const MainConfiguration& main) {
    NodeSettings settings;
    for (const KeyType& type : main.types) {
        settings.types.push_back({type.name, type.prefix});
    }
    if (main.plans) {
        settings.plans.emplace();
        for (const Plan& plan : main.plans->all()) {
            settings.plans->push_back(plan.name);
        }
    }
    return write_node_settings(settings);
}

} // namespace

StoreCheck::StoreCheck(Worker& worker) : worker_(worker) {
    timer_.handler = [](ngx_event_t* event) { static_cast<StoreCheck*>(event->data)->look(); };
    timer_.data = this;
    timer_.log = ngx_cycle->log;
    timer_.cancelable = 1;
    ngx_add_timer(&timer_, first_look_ms);
    tell_settings();
}

StoreCheck::~StoreCheck() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
}

void StoreCheck::look() {
    ngx_add_timer(&timer_, interval_ms);
    const MainConfiguration& main = worker_.configuration;
    worker_.client->run(std::make_unique<store::CheckPeppers>(*main.keyspace, *main.peppers), looked_at_pepper, this);
    if (ngx_worker == 0) {
        tell_settings();
        worker_.client->run(std::make_unique<store::Examination>(*main.keyspace), looked, this);
    }
}

// The operator's tool asks for it. A worker that is about to end has the settings before.
void StoreCheck::tell_settings() {
    const MainConfiguration& main = worker_.configuration;
    if (ngx_worker == 0 && main.number == worker_.zone.header().configuration.load()) {
        worker_.client->run(std::make_unique<store::TellSettings>(*main.keyspace, this_node(worker_.zone, main).name, settings_of(main)),
                            nullptr, nullptr);
    }
}

void StoreCheck::looked_at_pepper(void* self, store::Flow& flow) {
    if (flow.outcome() == store::Outcome::done) {
        static_cast<StoreCheck*>(self)->tell_pepper(static_cast<const store::CheckPeppers&>(flow).verdict().problem);
    }
}

void StoreCheck::tell_pepper(const std::string& problem) {
    is_pepper_wrong_ = !problem.empty();
    if (std::exchange(told_["pepper"], problem) == problem) {
        return;
    }
    if (is_pepper_wrong_) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0, "api_key: %s: keys that it does not find get 503", problem.c_str());
    } else {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "api_key: the pepper is the one that the store knows again");
    }
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
