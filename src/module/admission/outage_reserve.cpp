#include "module/admission/outage_reserve.h"

#include <algorithm>

#include "module/settings/configuration.h"

namespace api_key::module {

namespace {

constexpr std::int64_t renew_after_ms = 300'000;
constexpr std::uint64_t spendable_ms = 900'000; // after the last renewal, for as long as api_key_stale allows
constexpr std::uint64_t reserve_refused_ms = 10'000;
constexpr std::uint64_t reserve_failed_ms = 1000;
constexpr ngx_msec_t sweep_ms = 10'000;

std::uint64_t slot_key(std::uint64_t key_id) {
    return key_id | cache::outage_bit;
}

store::Unused unused_of(const cache::Settled& settled) {
    const cache::Leftover& unused = settled.unused;
    return {unused.key_id & ~cache::outage_bit, unused.account, unused.requests, unused.charged_ms, unused.charged, settled.used};
}

} // namespace

OutageReserve::OutageReserve(StoreLink& link, cache::Zone& zone)
    : link_(link), allowances_(zone), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    adopt();
}

bool OutageReserve::is_current(const Held& held, std::uint32_t requests, std::int64_t store_now_ms) const {
    const cache::Allowances::Last last = allowances_.last(slot_key(held.key.id), held.limits, ngx_current_msec);
    const cache::Allowances::Charge charge = allowances_.charge(slot_key(held.key.id));
    return last.is_usable && last.left >= requests && charge.charged_ms > store_now_ms - renew_after_ms &&
           charge.charged_ms >= store::bucket_begin_ms(charge.charged, store_now_ms);
}

void OutageReserve::hold(const store::LimitedKey& key, std::uint64_t limits, std::uint32_t requests, std::int64_t store_now_ms) {
    Held& held = held_.try_emplace(key.id, Held{*this, key, limits}).first->second;
    if (!timer_.is_running()) {
        timer_.start(sweep_ms);
    }
    if (held.asks || ngx_current_msec < held.ask_again_ms) {
        return;
    }
    held.key = {key.id, key.account, key.version, {}};
    held.limits = limits;
    if (is_current(held, requests, store_now_ms)) {
        return;
    }
    held.asked_ms = ngx_current_msec;
    held.asks = link_.run<store::Grant>(Lane::grants, done<&OutageReserve::answer>, &held, held.key, 0U, requests) != nullptr;
}

// The last reserve is held until there is a new one: the store may go away in between.
void OutageReserve::answer(Held& held, const store::Grant& grant) {
    held.asks = false;
    if (grant.outcome() != store::Outcome::done) {
        held.ask_again_ms = ngx_current_msec + reserve_failed_ms;
        return;
    }
    if (const std::optional<store::Unused> last = take(held.key.id)) {
        give_back(*last);
    }
    if (grant.granted() != 0) {
        install(held, grant);
    } else {
        held.ask_again_ms = ngx_current_msec + reserve_refused_ms;
    }
}

void OutageReserve::install(const Held& held, const store::Grant& grant) {
    cache::Granted granted;
    granted.key_id = slot_key(held.key.id);
    granted.account = held.key.account;
    granted.limits = held.limits;
    granted.charged_ms = grant.store_now_ms();
    granted.bucket_begin_ms = granted.charged_ms; // merged with nothing
    granted.charged = static_cast<std::uint8_t>(grant.charged());
    granted.size = grant.granted();
    granted.requests = grant.granted();
    granted.until_ms = held.asked_ms + spendable_ms;
    granted.states = grant.states();
    for (const cache::Leftover& replaced : allowances_.install(granted)) {
        give_back(unused_of({replaced, 0}));
    }
}

bool OutageReserve::spend(RequestContext& context) const {
    const std::uint64_t slot = slot_key(context.record->id);
    if (location_configuration(context.request).outage_requests == 0 ||
        allowances_.spend(slot, context.limits_fingerprint, ngx_current_msec) != cache::Allowances::Spent::taken) {
        return false;
    }
    context.taken = allowances_.charge(slot);
    return true;
}

// If there is no such reserve any more, the request counts as made.
void OutageReserve::put_back(const RequestContext& context) const {
    allowances_.put_back(slot_key(context.record->id), context.limits_fingerprint, context.taken, ngx_current_msec);
}

std::optional<store::Unused> OutageReserve::take(std::uint64_t key_id) {
    const std::optional<cache::Settled> settled = allowances_.settle(slot_key(key_id));
    return settled ? std::optional(unused_of(*settled)) : std::nullopt;
}

// Sent only once, like other leftovers: if the answer is lost, the requests count as used.
void OutageReserve::give_back(const store::Unused& unused) {
    link_.send<store::Grant>(Lane::requests, store::LimitedKey{unused.id, unused.account, 0, {}}, 0U, 0U, unused);
}

// What an earlier worker holds.
void OutageReserve::adopt() {
    for (std::size_t slot = 0; slot < allowances_.count(); slot++) {
        const cache::Allowances::SlotState state = allowances_.slot_state(slot, ngx_current_msec);
        if ((state.key_id & cache::outage_bit) != 0) {
            const std::uint64_t id = state.key_id & ~cache::outage_bit;
            held_.try_emplace(id, Held{*this, {id, 0, 0, {}}, 0});
            timer_.start(sweep_ms);
        }
    }
}

// Gives back what was not renewed, because its key is not used any more.
void OutageReserve::tick() {
    for (auto entry = held_.begin(); entry != held_.end();) {
        const std::size_t slot = allowances_.slot_of(slot_key(entry->first));
        const bool is_held = slot != allowances_.count() && !allowances_.slot_state(slot, ngx_current_msec).expired;
        if (entry->second.asks || is_held || ngx_current_msec < entry->second.ask_again_ms) {
            ++entry;
            continue;
        }
        if (!link_.is_down()) {
            if (const std::optional<store::Unused> unused = take(entry->first)) {
                give_back(*unused);
            }
            entry = held_.erase(entry);
            continue;
        }
        ++entry;
    }
    if (!held_.empty()) {
        timer_.start(sweep_ms);
    }
}

void OutageReserve::give_back_everything() {
    for (const auto& [key_id, held] : held_) {
        if (!link_.can_run_at_shutdown()) {
            return;
        }
        if (const std::optional<store::Unused> unused = take(key_id)) {
            store::Grant flow(link_.keyspace(), {unused->id, unused->account, 0, {}}, 0, 0, *unused);
            link_.run_at_shutdown(flow);
        }
    }
}

} // namespace api_key::module
