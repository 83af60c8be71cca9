#include "module/money.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>

#include "module/lookup.h"
#include "module/worker.h"
#include "store/blocking_runner.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t tick_ms = 200;
constexpr std::uint64_t idle_ms = 400;           // then what is not reserved goes back
constexpr std::uint64_t report_every_ms = 1000;  // what was spent
constexpr std::uint64_t renew_every_ms = 60'000; // while requests go on and on
constexpr std::uint64_t adopt_every_ms = 5000;
constexpr std::uint64_t refused_for_ms = 1000; // money comes back without a word; credits that are added are told
constexpr std::int64_t largest_grant = 1'000'000'000;
constexpr unsigned most_attempts = 3;
constexpr std::size_t no_slot = KeyPurse::no_slot;

bool is_alive(std::uint32_t process) {
    return kill(static_cast<pid_t>(process), 0) == 0 || errno != ESRCH;
}

std::uint64_t random_name() {
    std::uint64_t name = 0;
    store::system_random({reinterpret_cast<std::uint8_t*>(&name), sizeof name});
    return name | 1U;
}

std::int64_t needs(const std::vector<RequestContext*>& contexts) {
    std::int64_t sum = 0;
    for (const RequestContext* context : contexts) {
        sum += context->reserve_micro_credits;
    }
    return sum;
}

} // namespace

Money::Money(Worker& worker) : worker_(worker), purses_(worker.zone) {
    tick_timer_.handler = [](ngx_event_t* event) { static_cast<Money*>(event->data)->tick(); };
    tick_timer_.data = this;
    tick_timer_.log = ngx_cycle->log;
    tick_timer_.cancelable = 1;
    ngx_add_timer(&tick_timer_, tick_ms);
    adopt();
}

Money::~Money() {
    if (tick_timer_.timer_set) {
        ngx_del_timer(&tick_timer_);
    }
}

LimitAnswer Money::reserve(RequestContext& context) {
    if (context.money_answer != LimitAnswer::none) {
        return context.money_answer;
    }
    KeyPurse& purse = purse_for(context);
    if (try_to_reserve(purse, context)) {
        return LimitAnswer::passed;
    }
    if (is_refused(purse, context)) {
        context.shortage = purse.shortage;
        return context.money_answer = LimitAnswer::refused;
    }
    purse.waiting.push_back(&context);
    if (purse.operation == nullptr && !sync(purse)) {
        std::erase(purse.waiting, &context);
        return LimitAnswer::unavailable;
    }
    context.waiting_for = &purse;
    return LimitAnswer::waiting;
}

KeyPurse& Money::purse_for(const RequestContext& context) {
    std::unique_ptr<KeyPurse>& purse = by_key_[context.record.id];
    if (!purse) {
        purse = std::make_unique<KeyPurse>(worker_, context.record.id, context.record.account);
        ngx_add_timer(&tick_timer_, tick_ms);
    }
    purse->used_ms = ngx_current_msec;
    if (purse->version != context.record.version && purse->slot != no_slot) {
        purses_.release(purse->slot); // it was granted under other limits
        purse->is_certain = false;
    }
    purse->version = context.record.version;
    return *purse;
}

bool Money::try_to_reserve(KeyPurse& purse, RequestContext& context) {
    const cache::Purses& purses = purse.worker.money.purses_;
    if (purse.slot == no_slot || !purses.reserve(purse.slot, context.reserve_micro_credits)) {
        return false;
    }
    context.reserved = {purse.slot, purses.state(purse.slot).hold};
    context.is_reserved = true;
    context.money_answer = LimitAnswer::passed;
    return true;
}

bool Money::is_refused(const KeyPurse& purse, const RequestContext& context) const {
    return purse.shortage.shortage != store::Shortage::none && context.reserve_micro_credits >= purse.refused_need &&
           purse.refused_under == context.generation && ngx_current_msec < purse.refused_ms + refused_for_ms;
}

bool Money::open(KeyPurse& purse) {
    if (purse.slot != no_slot) {
        return true;
    }
    const std::optional<std::size_t> slot = purses_.open(static_cast<std::uint32_t>(ngx_pid), random_name(), purse.key_id, purse.account);
    if (!slot) {
        worker_.operation_state("no room in api_key_zone for the money of another key");
        return false;
    }
    purse.slot = *slot;
    purse.told_spent = 0;
    purse.last_grant = 0;
    return true;
}

// What is left and too little for the first that waits is given back with the question: another may need just that.
store::HoldReport Money::report(KeyPurse& purse) const {
    if (!purse.waiting.empty()) {
        purses_.release(purse.slot);
    }
    const cache::PurseState state = purses_.state(purse.slot);
    store::HoldReport report;
    report.key_id = purse.key_id;
    report.account = purse.account;
    report.hold = state.hold;
    report.number = purses_.next_number(purse.slot);
    report.spent = state.spent;
    report.needed = state.available + state.reserved;
    const std::int64_t waiting = needs(purse.waiting) + purse.debt;
    if (waiting != 0) {
        report.first = purse.waiting.empty() ? 1 : purse.waiting.front()->reserve_micro_credits;
        report.waiting = waiting;
        report.wanted = std::clamp(3 * purse.last_grant, waiting, std::max(waiting, largest_grant));
    }
    return report;
}

bool Money::sync(KeyPurse& purse) {
    if (!open(purse)) {
        return false;
    }
    const store::HoldReport said = report(purse);
    purse.told_spent = said.spent;
    purse.told_ms = ngx_current_msec;
    purse.is_certain = false;
    purse.operation = worker_.client->run(std::make_unique<store::SyncHold>(*worker_.configuration.keyspace, said), done, &purse);
    return purse.operation != nullptr;
}

void Money::done(void* context, store::Flow& flow) {
    auto& purse = *static_cast<KeyPurse*>(context);
    purse.worker.money.answer(purse, static_cast<const store::SyncHold&>(flow));
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
        look_again(purse);
        break;
    case store::Outcome::conflict:
        lose(purse);
        break;
    case store::Outcome::unavailable:
        worker_.operation_state(flow.reason());
        release(std::exchange(purse.waiting, {}), LimitAnswer::unavailable);
        return;
    }
    if (!purse.waiting.empty()) {
        if (!sync(purse)) {
            release(std::exchange(purse.waiting, {}), LimitAnswer::unavailable);
        }
        return;
    }
    close_if_idle(purse);
}

// What was used beyond its reserve comes first; what cannot be had of it is lost to the operator, never overdrawn.
void Money::take_grant(KeyPurse& purse, const store::SyncHold& flow) {
    const std::int64_t repaid = std::min(purse.debt, flow.granted());
    purses_.spend(purse.slot, repaid);
    purses_.add(purse.slot, flow.granted() - repaid);
    purse.last_grant = flow.granted();
    purse.debt -= repaid;
    if (purse.debt != 0 && flow.state().shortage != store::Shortage::none) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "api_key: key %uL used %L micro-credits more than were held back and can be had",
                      purse.key_id, purse.debt);
        purse.debt = 0;
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
    purse.shortage = flow.state();
    if (flow.state().shortage == store::Shortage::none) {
        purse.waiting = std::move(left); // they came after the store was asked
        return;
    }
    purse.refused_ms = ngx_current_msec;
    purse.refused_need = std::numeric_limits<std::int64_t>::max();
    for (RequestContext* context : left) {
        context->shortage = flow.state();
        purse.refused_need = std::min(purse.refused_need, context->reserve_micro_credits);
        purse.refused_under = context->generation;
    }
    release(left, LimitAnswer::refused);
}

// The store has counted all of it as used.
void Money::lose(KeyPurse& purse) {
    purses_.close(purse.slot);
    purse.slot = no_slot;
    purse.is_certain = true;
    purse.debt = 0;
}

// The key is gone, as far as the store knows: the requests read it again.
void Money::look_again(KeyPurse& purse) {
    worker_.zone.forget_key(purse.key_id);
    for (RequestContext* context : std::exchange(purse.waiting, {})) {
        context->store = StoreAnswer::not_asked;
        context->has_record = false;
        context->cell = nullptr;
        release({context}, ++context->limit_attempts < most_attempts ? LimitAnswer::none : LimitAnswer::unavailable);
    }
}

void Money::release(const std::vector<RequestContext*>& contexts, LimitAnswer answer) {
    for (RequestContext* context : contexts) {
        context->waiting_for = nullptr;
        context->money_answer = answer;
        context->progress = Progress::answered;
        resume(*context);
    }
}

void Money::settle(RequestContext& context, std::int64_t cost) {
    if (!std::exchange(context.is_reserved, false)) {
        return;
    }
    const auto found = by_key_.find(context.record.id);
    if (found == by_key_.end() || found->second->slot != context.reserved.slot ||
        purses_.state(context.reserved.slot).hold != context.reserved.hold) {
        return; // counted as used by the store meanwhile
    }
    found->second->debt += purses_.settle(context.reserved.slot, context.reserve_micro_credits, cost);
}

// Purses whose workers were killed.
void Money::adopt() {
    for (const std::size_t slot : purses_.adopt(static_cast<std::uint32_t>(ngx_pid), is_alive)) {
        purses_.write_off(slot);
        const cache::PurseState state = purses_.state(slot);
        left_behind_.push_back(std::make_unique<KeyPurse>(worker_, state.key_id, state.account));
        left_behind_.back()->slot = slot;
    }
}

void Money::tick() {
    const std::uint64_t now_ms = ngx_current_msec;
    if (now_ms >= adopt_due_ms_) {
        adopt_due_ms_ = now_ms + adopt_every_ms;
        adopt();
    }
    std::erase_if(by_key_, [&](const auto& entry) { return look_after(*entry.second, now_ms); });
    std::erase_if(left_behind_, [&](const auto& purse) { return look_after(*purse, now_ms); });
    ngx_add_timer(&tick_timer_, by_key_.empty() && left_behind_.empty() ? adopt_every_ms : tick_ms);
}

// True when there is nothing left to look after.
bool Money::look_after(KeyPurse& purse, std::uint64_t now_ms) {
    if (purse.operation != nullptr) {
        return false;
    }
    if (purse.slot == no_slot) {
        return now_ms >= purse.refused_ms + refused_for_ms;
    }
    const cache::PurseState state = purses_.state(purse.slot);
    const bool is_idle = now_ms >= purse.used_ms + idle_ms;
    if (is_idle) {
        purses_.release(purse.slot);
    }
    const bool has_news = state.spent != purse.told_spent && now_ms >= purse.told_ms + report_every_ms;
    const bool is_due = state.reserved != 0 && now_ms >= purse.told_ms + renew_every_ms;
    const bool gives_back = is_idle && (state.available != 0 || state.reserved == 0);
    if (has_news || is_due || gives_back || !purse.is_certain || purse.debt != 0) {
        sync(purse);
    }
    return false;
}

// Nothing is in it, and the store knows.
void Money::close_if_idle(KeyPurse& purse) {
    if (purse.slot == no_slot) {
        return;
    }
    const cache::PurseState state = purses_.state(purse.slot);
    if (state.available == 0 && state.reserved == 0 && state.spent == purse.told_spent && purse.debt == 0) {
        purses_.close(purse.slot);
        purse.slot = no_slot;
    }
}

void Money::settle_everything() {
    std::vector<KeyPurse*> purses;
    const auto close = [&](KeyPurse& purse) {
        if (purse.slot == no_slot) {
            return;
        }
        purse.waiting.clear();
        purse.debt = 0;
        purses_.write_off(purse.slot); // requests that end with the process cost what they reserved
        purses.push_back(&purse);
    };
    for (const auto& [key_id, purse] : by_key_) {
        close(*purse);
    }
    for (const auto& purse : left_behind_) {
        close(*purse);
    }
    if (purses.empty()) {
        return;
    }
    const store::ClientOptions& redis = *worker_.configuration.redis;
    Result<store::BlockingRunner> runner = store::BlockingRunner::connect(redis.access, redis.timeout_ms);
    for (std::size_t index = 0; runner && index < purses.size(); index++) {
        store::SyncHold flow(*worker_.configuration.keyspace, report(*purses[index]));
        runner->run(flow);
        if (flow.outcome() == store::Outcome::unavailable) {
            return; // a worker that lives on adopts what is left behind
        }
        purses_.close(purses[index]->slot);
        purses[index]->slot = no_slot;
    }
}

} // namespace api_key::module
