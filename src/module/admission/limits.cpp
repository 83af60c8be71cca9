#include "module/admission/limits.h"

#include <algorithm>

#include "module/settings/configuration.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t tick_ms = 200;
constexpr unsigned idle_ticks = 2;
constexpr std::uint32_t max_grant_requests = 16384;
constexpr std::uint64_t margin_ms = 5; // nginx's cached time does not advance within a turn of the event loop
constexpr std::uint64_t max_refusal_ms = 3'600'000;
constexpr std::uint64_t max_rate_refusal_ms = 1000; // at most: returned requests of an account are not announced

store::Unused to_store(const cache::Leftover& leftover) {
    return {leftover.key_id & ~cache::outage_bit, leftover.account, leftover.requests, leftover.charged_ms, leftover.charged, 0};
}

Reason reason_of_limit(Window window) {
    return is_rate(window) ? Reason::rate_limited : Reason::quota_exceeded;
}

} // namespace

// Converts `store_ms` of the store's clock to this node's monotonic clock, never to a later time than the true one.
std::uint64_t Limits::monotonic(const PendingGrant& pending, const store::Grant& grant, std::int64_t store_ms) {
    return pending.asked_ms + static_cast<std::uint64_t>(std::max<std::int64_t>(store_ms - grant.store_now_ms(), 0));
}

std::uint64_t Limits::refused_until(const PendingGrant& pending, const store::Grant& grant) {
    if (!grant.refusing()) {
        return 0;
    }
    const std::int64_t reset_ms = grant.states()[static_cast<std::size_t>(*grant.refusing())].reset_ms;
    const std::uint64_t longest = pending.asked_ms + (is_rate(*grant.refusing()) ? max_rate_refusal_ms : max_refusal_ms);
    return reset_ms == 0 ? longest : std::min(monotonic(pending, grant, reset_ms), longest);
}

Limits::Limits(StoreLink& link, cache::Zone& zone, cache::Metrics& metrics)
    : link_(link), zone_(zone), metrics_(metrics), allowances_(zone), outage_reserve_(link, zone),
      timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    watch_all();
}

Verdict Limits::admit(RequestContext& context) {
    switch (context.limit_answer) {
    case LimitAnswer::none:
        break;
    case LimitAnswer::passed:
        return Verdict::pass();
    case LimitAnswer::refused:
        return reason_of_limit(context.refusal->window);
    case LimitAnswer::unavailable:
        return without_store(context);
    }
    using Spent = cache::Allowances::Spent;
    const Spent spent = allowances_.spend(context.record->id, context.limits_fingerprint, ngx_current_msec);
    if (spent == Spent::taken) {
        context.taken = context.charging != nullptr ? allowances_.charge(context.record->id) : cache::Allowances::Charge{};
        context.limit_answer = LimitAnswer::passed;
        return Verdict::pass();
    }
    return spent == Spent::refused ? refuse(context) : wait(context);
}

void Limits::put_back(RequestContext& context) {
    if (!context.has_limits || std::exchange(context.limit_answer, LimitAnswer::none) != LimitAnswer::passed) {
        return;
    }
    const std::uint64_t id = context.record->id;
    if (std::exchange(context.is_of_reserve, false)) {
        outage_reserve_.put_back(context);
    } else if (allowances_.put_back(id, context.limits_fingerprint, context.taken, ngx_current_msec)) {
        watch(id);
    } else {
        send_back({{id, context.record->account, 1, context.taken.charged_ms, context.taken.charged}});
    }
}

Verdict Limits::refuse(RequestContext& context) {
    context.refusal = allowances_.refusal(context.record->id, context.limits());
    if (!context.refusal) {
        return wait(context);
    }
    context.limit_answer = LimitAnswer::refused;
    return reason_of_limit(context.refusal->window);
}

Verdict Limits::wait(RequestContext& context) {
    std::unique_ptr<PendingGrant>& pending = pending_[context.record->id];
    const bool is_new = pending == nullptr;
    if (is_new) {
        const Rates rates = context.plan != nullptr ? context.plan->rates : Rates{};
        pending = std::make_unique<PendingGrant>(
            *this, store::LimitedKey{context.record->id, context.record->account, context.record->version, rates},
            context.limits_fingerprint);
    }
    pending->add(context);
    pending->reserve = std::max(pending->reserve, location_configuration(context.request).outage_requests);
    if (is_new && !ask(*pending)) {
        context.waits_for = nullptr;
        pending_.erase(context.record->id);
        return without_store(context);
    }
    return Verdict::wait();
}

Verdict Limits::without_store(RequestContext& context) {
    context.is_of_reserve = outage_reserve_.spend(context);
    context.limit_answer = context.is_of_reserve ? LimitAnswer::passed : LimitAnswer::unavailable;
    return context.is_of_reserve ? Verdict::pass() : Verdict(Reason::store_unavailable);
}

// Asks for three times the last allowance when that ran out, and for a little more than was used of it when it expired.
std::uint32_t Limits::wanted(const cache::Allowances::Last& last, std::uint32_t waiting) {
    const std::uint32_t used = last.size - std::min(last.size, last.left);
    return std::clamp(last.is_usable ? 3 * last.size : used + used / 4, waiting, std::max(waiting, max_grant_requests));
}

bool Limits::ask(PendingGrant& pending, const store::Unused& unused) {
    const cache::Allowances::Last last = allowances_.last(pending.key.id, pending.limits, ngx_current_msec);
    pending.asked = static_cast<std::uint32_t>(pending.waiting.size());
    pending.asked_ms = ngx_current_msec;
    pending.generation = zone_.generation();
    pending.unused = unused;
    if (unused.id == 0 && last.left != 0 && !last.is_usable) {
        if (const auto leftover = allowances_.take(last.slot, pending.key.id)) {
            pending.unused = to_store(*leftover);
        }
    }
    return link_.run<store::Grant>(Lane::grants, done<&Limits::answer>, &pending, pending.key, pending.asked, wanted(last, pending.asked),
                                   pending.unused) != nullptr;
}

void Limits::answer(PendingGrant& pending, const store::Grant& grant) {
    if (grant.outcome() == store::Outcome::done) {
        // at a quota, what is held for an outage is given back and may be used
        const bool is_at_quota = grant.refusing() && !is_rate(*grant.refusing());
        const std::optional<store::Unused> reserve = is_at_quota ? outage_reserve_.take(pending.key.id) : std::nullopt;
        distribute(pending, grant, reserve.has_value());
        if (!pending.waiting.empty()) {
            if (ask(pending, reserve.value_or(store::Unused{}))) {
                return;
            }
            release(std::exchange(pending.waiting, {}), LimitAnswer::unavailable);
        }
    } else if (grant.outcome() == store::Outcome::unavailable) {
        link_.operation_failed(grant.reason());
        release(std::exchange(pending.waiting, {}), LimitAnswer::unavailable);
    } else {
        read_again(pending);
    }
    pending_.erase(std::uint64_t{pending.key.id});
}

// First come, first served. Requests that came after the store was asked ask again, unless the store said that there is no more.
void Limits::distribute(PendingGrant& pending, const store::Grant& grant, bool asks_again) {
    const auto given = std::min<std::size_t>(grant.granted(), pending.waiting.size());
    const auto rest = pending.waiting.begin() + static_cast<std::ptrdiff_t>(given);
    const std::vector<RequestContext*> served(pending.waiting.begin(), rest);
    pending.waiting.erase(pending.waiting.begin(), rest);
    install(pending, grant, grant.granted() - static_cast<std::uint32_t>(given));
    for (RequestContext* context : served) {
        context->taken = {grant.store_now_ms(), static_cast<std::uint8_t>(grant.charged())};
    }
    release(served, LimitAnswer::passed);
    if (pending.reserve != 0 && !grant.refusing()) {
        outage_reserve_.hold(pending.key, pending.limits, pending.reserve, grant.store_now_ms());
    }
    if (asks_again) {
        return;
    }
    if (grant.refusing()) {
        const cache::Refusal refusal{*grant.refusing(), grant.states()[static_cast<std::size_t>(*grant.refusing())], grant.store_now_ms()};
        for (RequestContext* context : pending.waiting) {
            context->refusal = refusal;
        }
        release(std::exchange(pending.waiting, {}), LimitAnswer::refused);
    } else if (given < pending.asked && grant.granted() < pending.asked) {
        release(std::exchange(pending.waiting, {}), LimitAnswer::unavailable); // a bucket has reached its largest count
    }
}

void Limits::install(const PendingGrant& pending, const store::Grant& grant, std::uint32_t left) {
    metrics_.add(cache::Counter::grants);
    metrics_.add(cache::Counter::granted_requests, grant.granted());
    cache::Granted granted;
    granted.key_id = pending.key.id;
    granted.account = pending.key.account;
    granted.limits = pending.limits;
    granted.charged_ms = grant.store_now_ms();
    granted.bucket_begin_ms = store::bucket_begin_ms(grant.charged(), grant.store_now_ms());
    granted.charged = static_cast<std::uint8_t>(grant.charged());
    granted.size = grant.granted();
    granted.requests = left;
    granted.until_ms = monotonic(pending, grant, grant.until_ms()) - margin_ms;
    granted.refusing = grant.refusing();
    granted.refused_until_ms = refused_until(pending, grant);
    granted.generation = pending.generation;
    granted.states = grant.states();
    give_back(allowances_.install(granted));
    if (left != 0) {
        watch(pending.key.id);
    }
}

// The record has changed or is gone: the requests read it again.
void Limits::read_again(PendingGrant& pending) {
    zone_.invalidate_key(pending.key.id);
    if (pending.unused.requests != 0) {
        send_back({pending.unused}); // the store did not give it back
    }
    for (RequestContext* context : std::exchange(pending.waiting, {})) {
        release({context}, context->forget_record() ? LimitAnswer::none : LimitAnswer::unavailable);
    }
}

void Limits::release(const std::vector<RequestContext*>& contexts, LimitAnswer answer) {
    for (RequestContext* context : contexts) {
        context->limit_answer = answer;
        resume(*context);
    }
}

std::optional<WindowStates> Limits::states(const RequestContext& context) const {
    return context.has_limits ? allowances_.states(context.record->id, context.limits_fingerprint, context.limits()) : std::nullopt;
}

void Limits::watch(std::uint64_t key_id) {
    const std::size_t slot = allowances_.slot_of(key_id);
    if (slot == allowances_.count()) {
        return;
    }
    watched_[key_id] = {slot, 0, 0};
    if (!timer_.is_running()) {
        timer_.start(tick_ms);
    }
}

// Also watches what killed workers have left behind.
void Limits::watch_all() {
    for (std::size_t slot = 0; slot < allowances_.count(); slot++) {
        const cache::Allowances::SlotState state = allowances_.slot_state(slot, ngx_current_msec);
        if (state.requests != 0 && (state.key_id & cache::outage_bit) == 0) {
            watch(state.key_id);
        }
    }
}

void Limits::tick() {
    std::vector<cache::Leftover> leftovers;
    for (auto entry = watched_.begin(); entry != watched_.end();) {
        Watched& watched = entry->second;
        const cache::Allowances::SlotState state = allowances_.slot_state(watched.slot, ngx_current_msec);
        watched.unchanged = state.state == watched.state ? watched.unchanged + 1 : 0;
        watched.state = state.state;
        const bool is_idle = state.expired || watched.unchanged >= idle_ticks;
        if (state.key_id == entry->first && state.requests != 0 && !is_idle) {
            ++entry;
            continue;
        }
        if (const auto leftover = allowances_.take(watched.slot, entry->first)) {
            leftovers.push_back(*leftover);
        }
        entry = watched_.erase(entry);
    }
    give_back(leftovers);
    if (!watched_.empty()) {
        timer_.start(tick_ms);
    }
}

// Sent only once: if the answer is lost, the requests count as used.
void Limits::give_back(const std::vector<cache::Leftover>& leftovers) {
    for (std::size_t begin = 0; begin < leftovers.size(); begin += store::GiveBack::max_keys) {
        std::vector<store::Unused> unused;
        for (std::size_t index = begin; index < std::min(begin + store::GiveBack::max_keys, leftovers.size()); index++) {
            unused.push_back(to_store(leftovers[index]));
        }
        send_back(std::move(unused));
    }
}

void Limits::send_back(std::vector<store::Unused> unused) {
    link_.send<store::GiveBack>(Lane::requests, std::move(unused));
}

void Limits::give_back_everything() {
    outage_reserve_.give_back_everything();
    std::vector<store::Unused> unused;
    for (const auto& [key_id, watched] : watched_) {
        if (const auto leftover = allowances_.take(watched.slot, key_id)) {
            unused.push_back(to_store(*leftover));
        }
    }
    watched_.clear();
    for (std::size_t begin = 0; begin < unused.size(); begin += store::GiveBack::max_keys) {
        const std::size_t end = std::min(begin + store::GiveBack::max_keys, unused.size());
        store::GiveBack flow(link_.keyspace(),
                             {unused.begin() + static_cast<std::ptrdiff_t>(begin), unused.begin() + static_cast<std::ptrdiff_t>(end)});
        link_.run_at_shutdown(flow);
        if (flow.outcome() != store::Outcome::done) {
            break;
        }
    }
}

} // namespace api_key::module
