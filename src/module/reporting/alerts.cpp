#include "module/reporting/alerts.h"

#include <algorithm>

#include "core/documents/alert.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t interval_ms = 1000;
constexpr ngx_msec_t timeout_ms = 5000;
constexpr std::uint64_t max_wait_ms = 60'000;
constexpr std::size_t max_of_node = 16;
constexpr std::size_t name_bytes = 16;
constexpr std::int64_t tried_for_ms = std::int64_t{24} * 3600 * 1000;

} // namespace

// Only one worker of each node takes part.
Alerts::Alerts(StoreLink& link, cache::Metrics& metrics, const AlertTarget* target)
    : link_(link), metrics_(metrics), target_(target), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    if (target_ != nullptr && ngx_worker == 0) {
        name_ = store::random_hex(name_bytes);
        post_.emplace(target_->target, timeout_ms, sent, this);
        timer_.start(interval_ms);
    }
}

// Keeps asking while it may not send: otherwise it would lose the lease, and another node would send the same alert.
void Alerts::tick() {
    if (ngx_exiting) {
        return;
    }
    timer_.start(interval_ms);
    watch_store();
    if (may_send() && !of_node_.empty() && !stored_alerts_first_) {
        OutgoingAlert alert = std::move(of_node_.front());
        of_node_.pop_front();
        send(std::move(alert));
    } else if (!asking_ && !post_->is_running()) {
        ask();
    }
}

bool Alerts::may_send() const {
    return !post_->is_running() && ngx_current_msec >= next_try_ms_;
}

// The first check only sets the state; later changes are alerts.
void Alerts::watch_store() {
    const bool is_up = link_.is_up();
    if (store_up_ && *store_up_ != is_up) {
        const std::map<std::string, std::string> fields{{"type", is_up ? "store.up" : "store.down"},
                                                        {"at", std::to_string(unix_ms())},
                                                        {"node", std::string(view(const_cast<const ngx_cycle_t*>(ngx_cycle)->hostname))}};
        if (of_node_.size() < max_of_node) {
            of_node_.push_back({{}, {}, write_alert(store::random_hex(name_bytes), fields, target_->dashboard), unix_ms()});
        }
    }
    store_up_ = is_up;
}

void Alerts::ask() {
    asking_ = link_.run<store::TakeAlert>(Lane::requests, done<&Alerts::asked>, this, name_) != nullptr;
}

void Alerts::asked(const store::TakeAlert& flow) {
    const std::optional<store::StoredAlert>& alert = flow.alert();
    asking_ = false;
    stored_alerts_first_ = false;
    if (flow.outcome() == store::Outcome::done && alert && may_send() && !ngx_exiting) {
        send({alert->id, alert->name(), write_alert(alert->name(), alert->fields, target_->dashboard), alert->at_ms()});
    }
}

void Alerts::send(OutgoingAlert alert) {
    outgoing_ = std::move(alert);
    const std::string signature = alert_signature(target_->secret, unix_ms() / 1000, outgoing_.body);
    post_->start("Content-Type: application/json\r\nUser-Agent: api-key-nginx\r\nX-Api-Key-Signature: " + signature + "\r\n",
                 outgoing_.body);
}

void Alerts::sent(void* data, unsigned status, const char* problem) {
    auto& self = *static_cast<Alerts*>(data);
    const bool refused = status >= 400 && status < 500 && status != NGX_HTTP_REQUEST_TIME_OUT && status != NGX_HTTP_TOO_MANY_REQUESTS;
    const Answer answer = status >= 200 && status < 300 ? Answer::taken : refused ? Answer::refused : Answer::none;
    self.finish(answer, problem != nullptr ? problem : "HTTP status " + std::to_string(status));
}

void Alerts::finish(Answer answer, const std::string& problem) {
    metrics_.add(answer == Answer::taken ? cache::Counter::alerts_sent : cache::Counter::alerts_failed);
    if (answer == Answer::refused) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "api_key: an alert was rejected by its receiver and is dropped: %s: %s",
                      problem.c_str(), outgoing_.body.c_str());
    } else {
        log_delivery(answer == Answer::taken, problem);
    }
    if (answer == Answer::none) {
        next_try_ms_ = ngx_current_msec + std::min<std::uint64_t>(interval_ms << std::min(failures_++, 6U), max_wait_ms);
        return unix_ms() - outgoing_.since_ms <= tried_for_ms ? put_back() : drop();
    }
    failures_ = 0;
    drop();
    if (answer == Answer::taken && !asking_ && of_node_.empty()) {
        ask();
    }
}

void Alerts::drop() {
    if (!outgoing_.id.empty()) {
        link_.send<store::DropAlert>(Lane::requests, outgoing_.id);
    }
}

// Goes behind the others, as it may be the only one that the receiver cannot take.
void Alerts::put_back() {
    if (outgoing_.id.empty()) {
        of_node_.push_front(std::move(outgoing_)); // keeps their order
        stored_alerts_first_ = true;
    } else {
        link_.send<store::PutBackAlert>(Lane::requests, outgoing_.id, outgoing_.name);
    }
}

// Logs once per change of state.
void Alerts::log_delivery(bool taken, const std::string& problem) {
    const std::string now = taken ? std::string() : problem;
    if (now == problem_) {
        return;
    }
    problem_ = now;
    if (taken) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "api_key: alerts are delivered again");
    } else {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "api_key: an alert could not be delivered and will be retried: %s", problem.c_str());
    }
}

} // namespace api_key::module
