#include "store/nginx/deadline.h"

#include <algorithm>

namespace api_key::store {

namespace {

constexpr std::uint64_t min_progress = 4096; // bytes received within the timeout show that a long reply is still coming

} // namespace

Deadline::Deadline(const ClientOptions& options, Owner& owner, ngx_log_t* log)
    : options_(options), owner_(owner), timer_(*this, log, AtShutdown::wait) {}

void Deadline::sent(const Operation& operation) {
    if (&operation == owner_.first()) {
        received_ = owner_.bytes_received();
    }
    watch();
}

void Deadline::answered(const Operation& operation) {
    if (operation.flow->blocks_for_ms() != 0 && timer_.is_running()) {
        timer_.stop(); // operations behind it have an earlier deadline
        watch();
    }
}

void Deadline::begin() {
    begin_ms_ = ngx_current_msec;
    received_ = owner_.bytes_received();
}

ngx_msec_t Deadline::due_ms(const Operation& first) const {
    return std::max(first.sent_ms, begin_ms_) + options_.timeout_ms + first.flow->blocks_for_ms();
}

// The timer is not moved with every command: when it fires, it is checked and set again.
void Deadline::watch() {
    if (const Operation* first = owner_.first(); first != nullptr && !timer_.is_running()) {
        const auto left = static_cast<ngx_msec_int_t>(due_ms(*first) - ngx_current_msec);
        timer_.start(static_cast<ngx_msec_t>(std::max<ngx_msec_int_t>(left, 1)));
    }
}

void Deadline::check() {
    if (const Operation* first = owner_.first(); first != nullptr && ngx_current_msec >= due_ms(*first)) {
        if (owner_.bytes_received() - received_ < min_progress) {
            owner_.overdue();
            return;
        }
        begin(); // its reply is still being received
    }
    watch();
}

} // namespace api_key::store
