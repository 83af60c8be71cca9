#include "module/node/store_check.h"

#include "core/policy/node_settings.h"
#include "store/flows/settings_flows.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_look_ms = 200;
constexpr ngx_msec_t interval_ms = 30'000;

std::string settings_of(const MainConfiguration& main) {
    NodeSettings settings;
    for (const KeyType& type : main.types) {
        settings.types.push_back({type.name, type.prefix, type.is_foreign});
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

StoreCheck::StoreCheck(StoreLink& link, const cache::Zone& zone, const MainConfiguration& main, const std::string& node)
    : link_(link), zone_(zone), main_(main), node_(node), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    timer_.start(first_look_ms);
    publish_settings();
}

void StoreCheck::check() {
    timer_.start(interval_ms);
    link_.run<store::CheckPeppers>(Lane::requests, done<&StoreCheck::pepper_checked>, this, *main_.peppers);
    if (ngx_worker == 0) {
        publish_settings();
        link_.run<store::Examination>(Lane::requests, done<&StoreCheck::checked>, this);
    }
}

// Publishes the settings for the operator's tool. A worker of an older configuration does not overwrite those of the newest.
void StoreCheck::publish_settings() {
    if (ngx_worker == 0 && main_.number == zone_.header().configuration.load()) {
        link_.send<store::PublishSettings>(Lane::requests, node_, settings_of(main_));
    }
}

void StoreCheck::pepper_checked(const store::CheckPeppers& flow) {
    if (flow.outcome() == store::Outcome::done) {
        report_pepper(flow.verdict().problem);
    }
}

void StoreCheck::report_pepper(const std::string& problem) {
    is_pepper_wrong_ = !problem.empty();
    if (std::exchange(reported_["pepper"], problem) == problem) {
        return;
    }
    if (is_pepper_wrong_) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0, "api_key: %s: keys that are not found get 503", problem.c_str());
    } else {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "api_key: the pepper matches the one known to Redis again");
    }
}

void StoreCheck::checked(const store::Examination& flow) {
    if (flow.outcome() != store::Outcome::done) {
        return;
    }
    for (const store::Finding& finding : flow.findings()) {
        const std::string detail = finding.state == store::Finding::State::ok ? std::string() : finding.detail;
        if (std::exchange(reported_[finding.check], detail) == detail || detail.empty()) {
            continue;
        }
        const ngx_uint_t level = finding.state == store::Finding::State::fail ? NGX_LOG_CRIT : NGX_LOG_WARN;
        ngx_log_error(level, ngx_cycle->log, 0, "api_key: Redis needs attention, %s: %s", finding.check.c_str(), detail.c_str());
    }
}

} // namespace api_key::module
