#include "module/admission/money.h"

#include <algorithm>
#include <array>
#include <limits>

namespace api_key::module {

namespace {

constexpr std::int64_t max_grant_micro_credits = 1'000'000'000;
constexpr std::size_t no_slot = KeyPurse::no_slot;

// How long other nodes, which were asked to give back, get before the store is asked again: time for a message and a report.
constexpr std::array<ngx_msec_t, 4> waits_ms{10, 30, 60, 100};

std::int64_t needs(const std::vector<RequestContext*>& contexts) {
    std::int64_t sum = 0;
    for (const RequestContext* context : contexts) {
        sum += context->reserve_micro_credits;
    }
    return sum;
}

Reason reason_of(store::Shortage shortage) {
    return shortage == store::Shortage::key_spend ? Reason::key_spend_exceeded : Reason::wallet_empty;
}

} // namespace

void KeyPurse::wait_ended() {
    owner.resume_purse(*this);
}

Verdict Money::reserve(RequestContext& context) {
    switch (context.money_answer) {
    case LimitAnswer::none:
        break;
    case LimitAnswer::passed:
        return Verdict::pass();
    case LimitAnswer::refused:
        return reason_of(context.shortage.shortage);
    case LimitAnswer::unavailable:
        return Reason::store_unavailable;
    }
    KeyPurse& purse = purse_for(context);
    if (try_to_reserve(purse, context)) {
        return Verdict::pass();
    }
    if (is_refused(purse, context)) {
        context.shortage = purse.shortage;
        context.money_answer = LimitAnswer::refused;
        return reason_of(context.shortage.shortage);
    }
    purse.add(context);
    if (purse.is_idle() && !ask(purse)) {
        context.waits_for = nullptr;
        purse.forget(context);
        return Reason::store_unavailable;
    }
    return Verdict::wait();
}

KeyPurse& Money::purse_for(const RequestContext& context) {
    std::unique_ptr<KeyPurse>& purse = by_key_[context.record->id];
    if (!purse) {
        purse = std::make_unique<KeyPurse>(*this, context.record->id, context.record->account);
        timer_.start(tick_ms);
    }
    purse->used_ms = ngx_current_msec;
    if (purse->version != context.record->version && purse->slot != no_slot) {
        purses_.release(purse->slot); // it was granted under other limits
        purse->is_certain = false;
    }
    purse->version = context.record->version;
    return *purse;
}

bool Money::try_to_reserve(KeyPurse& purse, RequestContext& context) const {
    if (purse.slot == no_slot || !purses_.reserve(purse.slot, context.reserve_micro_credits)) {
        return false;
    }
    context.reserved = {purse.slot, purses_.state(purse.slot).hold};
    context.is_reserved = true;
    context.money_answer = LimitAnswer::passed;
    return true;
}

bool Money::is_refused(const KeyPurse& purse, const RequestContext& context) const {
    return purse.shortage.shortage != store::Shortage::none && context.reserve_micro_credits >= purse.refused_need &&
           purse.refused_under == context.generation && ngx_current_msec < purse.refused_ms + refused_for_ms;
}

// Asks the store; false when it is down.
bool Money::ask(KeyPurse& purse) {
    if (link_.is_down()) {
        return false;
    }
    if (open(purse)) {
        return sync(purse);
    }
    wait_for_slot(purse);
    return true;
}

void Money::ask_or_fail(KeyPurse& purse) {
    if (!ask(purse)) {
        release(std::exchange(purse.waiting, {}), LimitAnswer::unavailable);
    }
}

// An unreserved rest that is too small for the first waiting request is given back with the report, as another node may need just that.
store::HoldReport Money::report(KeyPurse& purse) const {
    if (!purse.waiting.empty()) {
        purses_.release(purse.slot);
    }
    const cache::PurseState state = purses_.state(purse.slot);
    store::HoldReport report;
    report.key_id = purse.key_id;
    report.account = purse.account;
    report.node = node_;
    report.hold = state.hold;
    report.number = purses_.next_number(purse.slot);
    report.spent = state.spent;
    report.needed = state.available + state.reserved;
    report.others_asked = purse.waits != 0;
    if (!purse.waiting.empty()) {
        report.first = purse.waiting.front()->reserve_micro_credits;
        report.waiting = needs(purse.waiting);
        report.wanted = std::clamp(3 * purse.last_grant, report.waiting, std::max(report.waiting, max_grant_micro_credits));
    }
    return report;
}

bool Money::sync(KeyPurse& purse) {
    const store::HoldReport sent = report(purse);
    purse.reported_spent = sent.spent;
    purse.reported_ms = ngx_current_msec;
    purse.is_certain = false;
    purse.operation = link_.run<store::SyncHold>(Lane::grants, done<&Money::answer>, &purse, sent);
    return purse.operation != nullptr;
}

void Money::answer(KeyPurse& purse, const store::SyncHold& flow) {
    purse.operation = nullptr;
    switch (flow.outcome()) {
    case store::Outcome::done:
        purse.is_certain = true;
        take_grant(purse, flow);
        distribute(purse, flow);
        break;
    case store::Outcome::not_found:
        purse.is_certain = true;
        read_again(purse);
        break;
    case store::Outcome::conflict: // the store has counted the whole hold as used
        purse.is_certain = true;
        close(purse);
        break;
    case store::Outcome::unavailable:
        link_.operation_failed(flow.reason());
        release(std::exchange(purse.waiting, {}), LimitAnswer::unavailable);
        return;
    }
    if (!purse.again.is_running()) {
        resume_purse(purse);
    }
}

// Serves the requests that wait, or gives back what others need.
void Money::resume_purse(KeyPurse& purse) {
    if (!purse.waiting.empty()) {
        ask_or_fail(purse);
        return;
    }
    purse.waits = 0;
    if (!give_back_wanted(purse)) {
        close_if_idle(purse);
    }
}

void Money::take_grant(KeyPurse& purse, const store::SyncHold& flow) const {
    purses_.add(purse.slot, flow.granted());
    purse.last_grant = flow.granted();
    if (flow.balance() < 0 && !std::exchange(purse.is_overdrawn, true)) {
        ngx_log_error(
            NGX_LOG_WARN, ngx_cycle->log, 0,
            "api_key: account %uL is overdrawn by %L micro-credits, last by key %uL: its requests are rejected until it is topped up",
            purse.account, -flow.balance(), purse.key_id);
    }
}

// First come, first served.
void Money::distribute(KeyPurse& purse, const store::SyncHold& flow) {
    std::vector<RequestContext*> served;
    std::vector<RequestContext*> left;
    for (RequestContext* context : std::exchange(purse.waiting, {})) {
        (try_to_reserve(purse, *context) ? served : left).push_back(context);
    }
    release(served, LimitAnswer::passed);
    purse.waiting = std::move(left);
    purse.shortage = flow.state();
    if (flow.state().shortage == store::Shortage::none) {
        purse.waits = 0; // the remaining requests came after the store was asked
    } else if (!purse.waiting.empty() && !wait_for_others(purse, flow)) {
        refuse(purse, flow.state());
    }
}

// True when the refusal can wait, because others were asked to give back what they do not need.
bool Money::wait_for_others(KeyPurse& purse, const store::SyncHold& flow) {
    const bool may_come = purse.waiting.front()->reserve_micro_credits <= flow.state().most;
    if (!may_come || (!flow.others_asked() && purse.waits == 0) || purse.waits == waits_ms.size()) {
        return false;
    }
    purse.again.start(waits_ms[purse.waits]);
    purse.waits++;
    return true;
}

// Refuses the first request and those that need no less; the others ask again.
void Money::refuse(KeyPurse& purse, const store::MoneyState& state) {
    const std::int64_t need = purse.waiting.front()->reserve_micro_credits;
    std::vector<RequestContext*> refused;
    std::vector<RequestContext*> left;
    for (RequestContext* context : purse.waiting) {
        (context->reserve_micro_credits >= need ? refused : left).push_back(context);
    }
    purse.waiting = std::move(left);
    purse.refused_ms = ngx_current_msec;
    purse.refused_need = need;
    for (RequestContext* context : refused) {
        context->shortage = state;
        purse.refused_under = context->generation;
    }
    release(refused, LimitAnswer::refused);
}

// The store does not have the key any more: the requests read it again.
void Money::read_again(KeyPurse& purse) {
    zone_.invalidate_key(purse.key_id);
    for (RequestContext* context : std::exchange(purse.waiting, {})) {
        release({context}, context->forget_record() ? LimitAnswer::none : LimitAnswer::unavailable);
    }
}

void Money::release(const std::vector<RequestContext*>& contexts, LimitAnswer answer) {
    for (RequestContext* context : contexts) {
        context->money_answer = answer;
        resume(*context);
    }
}

void Money::settle(RequestContext& context, std::int64_t cost) {
    if (!std::exchange(context.is_reserved, false)) {
        return;
    }
    const auto found = by_key_.find(context.record->id);
    if (found == by_key_.end() || found->second->slot != context.reserved.slot ||
        purses_.state(context.reserved.slot).hold != context.reserved.hold) {
        return; // the store has counted it as used
    }
    KeyPurse& purse = *found->second;
    if (purses_.settle(context.reserved.slot, context.reserve_micro_credits, cost) == 0) {
        return;
    }
    purse.is_certain = false; // nothing may be reserved before the store knows the debt
    if (purse.is_idle()) {
        sync(purse);
    }
}

} // namespace api_key::module
