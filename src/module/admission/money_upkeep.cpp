// The upkeep of money without a request: reports, idle purses, purses of killed workers, the end of the worker.
#include <cerrno>
#include <csignal>

#include "module/admission/money.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t idle_ms = 400;           // after that, what is not reserved goes back
constexpr std::uint64_t report_every_ms = 1000;  // so often spending is reported
constexpr std::uint64_t renew_every_ms = 60'000; // while requests keep running
constexpr std::uint64_t adopt_every_ms = 5000;
constexpr std::size_t reports_at_a_time = 200; // a millisecond or two
constexpr ngx_msec_t next_turn_ms = 5;

bool is_alive(std::uint32_t process) {
    return kill(static_cast<pid_t>(process), 0) == 0 || errno != ESRCH;
}

} // namespace

Money::Money(StoreLink& link, cache::Zone& zone, const std::string& node)
    : link_(link), zone_(zone), node_(node), purses_(zone), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    timer_.start(tick_ms);
    adopt();
}

// Adopts purses whose workers were killed.
void Money::adopt() {
    for (const std::size_t slot : purses_.adopt(static_cast<std::uint32_t>(ngx_pid), is_alive)) {
        purses_.write_off(slot);
        const cache::PurseState state = purses_.state(slot);
        adopted_.push_back(std::make_unique<KeyPurse>(*this, state.key_id, state.account));
        adopted_.back()->slot = slot;
        adopted_.back()->is_certain = false;
    }
}

void Money::give_back(const store::Wanted& wanted) {
    const auto found = of_account_.find(wanted.account);
    if (found == of_account_.end()) {
        return;
    }
    std::size_t reports_left = reports_at_a_time;
    for (KeyPurse* purse : found->second) {
        if ((wanted.key_id != 0 && purse->key_id != wanted.key_id) || !purse->waiting.empty()) {
            continue;
        }
        purse->is_wanted = true;
        if (reports_left != 0 && purse->is_idle()) {
            reports_left -= give_back_wanted(*purse) ? 1 : 0;
        }
    }
}

bool Money::give_back_wanted(KeyPurse& purse) {
    const bool is_wanted = std::exchange(purse.is_wanted, false);
    if (!is_wanted || purse.slot == KeyPurse::no_slot || purses_.state(purse.slot).available == 0) {
        return false;
    }
    purses_.release(purse.slot);
    return sync(purse);
}

void Money::tick() {
    const std::uint64_t now_ms = ngx_current_msec;
    if (now_ms >= adopt_due_ms_) {
        adopt_due_ms_ = now_ms + adopt_every_ms;
        adopt();
        purses_.recount();
    }
    maintain_slots(now_ms);
    reports_left_ = reports_at_a_time;
    std::erase_if(by_key_, [&](const auto& entry) { return maintain(*entry.second, now_ms); });
    std::erase_if(adopted_, [&](const auto& purse) { return maintain(*purse, now_ms); });
    const ngx_msec_t next_ms = by_key_.empty() && adopted_.empty() ? adopt_every_ms : tick_ms;
    timer_.start(reports_left_ == 0 ? next_turn_ms : next_ms);
}

// True when the purse needs no more upkeep.
bool Money::maintain(KeyPurse& purse, std::uint64_t now_ms) {
    if (!purse.is_idle()) {
        return false;
    }
    if (purse.slot == KeyPurse::no_slot) {
        return purse.waiting.empty() && now_ms >= purse.refused_ms + refused_for_ms;
    }
    const cache::PurseState state = purses_.state(purse.slot);
    const bool is_idle = now_ms >= purse.used_ms + idle_ms;
    const bool has_news = state.spent != purse.reported_spent && now_ms >= purse.reported_ms + report_every_ms;
    const bool is_due = state.reserved != 0 && now_ms >= purse.reported_ms + renew_every_ms;
    const bool gives_back = (is_idle && (state.available != 0 || state.reserved == 0)) || (purse.is_wanted && state.available != 0);
    if (reports_left_ != 0 && (has_news || is_due || gives_back || !purse.is_certain)) {
        reports_left_--;
        if (gives_back) {
            purses_.release(purse.slot);
        }
        purse.is_wanted = false;
        sync(purse);
    }
    return false;
}

// Closes a purse that is empty and reported.
void Money::close_if_idle(KeyPurse& purse) {
    if (purse.slot == KeyPurse::no_slot) {
        return;
    }
    const cache::PurseState state = purses_.state(purse.slot);
    if (state.available == 0 && state.reserved == 0 && state.spent == purse.reported_spent) {
        close(purse);
    }
}

void Money::settle_everything() {
    std::vector<KeyPurse*> purses;
    const auto write_off = [&](KeyPurse& purse) {
        if (purse.slot != KeyPurse::no_slot) {
            purse.waiting.clear();
            purses_.write_off(purse.slot); // requests that end with the process are charged their reserve
            purses.push_back(&purse);
        }
    };
    for (const auto& [key_id, purse] : by_key_) {
        write_off(*purse);
    }
    for (const auto& purse : adopted_) {
        write_off(*purse);
    }
    without_slot_.clear(); // no more requests are served
    for (KeyPurse* purse : purses) {
        if (!link_.can_run_at_shutdown()) {
            return; // another worker adopts the rest
        }
        store::SyncHold flow(link_.keyspace(), report(*purse));
        link_.run_at_shutdown(flow);
        if (flow.outcome() == store::Outcome::unavailable) {
            return;
        }
        close(*purse);
    }
}

} // namespace api_key::module
