// Allocation of the zone's slots for purses. No account may have more purses than there are free ones: however many keys of one account
// are in use, another account finds slots.
#include <algorithm>

#include "module/admission/money.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t max_wait_ms = 1000;
constexpr std::uint64_t make_slots_every_ms = 20;
constexpr std::size_t max_given_back = 32; // at a time
constexpr std::size_t crowded_hundredths = 80;

std::size_t worker_count() {
    const auto* core = reinterpret_cast<const ngx_core_conf_t*>(ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module));
    return static_cast<std::size_t>(std::max<ngx_int_t>(core->worker_processes, 1));
}

} // namespace

// A worker knows only its own purses, so it limits an account to its share of the free slots.
bool Money::open(KeyPurse& purse) {
    if (purse.slot != KeyPurse::no_slot) {
        return true;
    }
    const auto own = of_account_.find(purse.account);
    const std::size_t free = purses_.count() - purses_.count_open();
    if (own != of_account_.end() && own->second.size() * worker_count() >= free) {
        return false;
    }
    const std::optional<std::size_t> slot =
        purses_.open(static_cast<std::uint32_t>(ngx_pid), store::random_word(), purse.key_id, purse.account);
    if (!slot) {
        return false;
    }
    of_account_[purse.account].push_back(&purse);
    purse.slot = *slot;
    purse.reported_spent = 0;
    purse.last_grant = 0;
    purse.is_certain = true;
    return true;
}

void Money::close(KeyPurse& purse) {
    purses_.close(purse.slot);
    purse.slot = KeyPurse::no_slot;
    const auto own = of_account_.find(purse.account);
    if (own != of_account_.end()) { // not for a purse adopted from a killed worker
        std::erase(own->second, &purse);
        if (own->second.empty()) {
            of_account_.erase(own);
        }
    }
    offer_slot(purse.account);
}

// Purses of the same account first: they may have waited for just this slot.
void Money::offer_slot(std::uint64_t account) {
    if (without_slot_.empty()) {
        return;
    }
    auto next = std::find_if(without_slot_.begin(), without_slot_.end(), [&](const KeyPurse* purse) { return purse->account == account; });
    next = next == without_slot_.end() ? without_slot_.begin() : next;
    KeyPurse& purse = **next;
    if (purse.waiting.empty() || open(purse)) {
        without_slot_.erase(next);
        purse.slot_due_ms = 0;
        resume_purse(purse);
    }
}

void Money::wait_for_slot(KeyPurse& purse) {
    purse.slot_due_ms = ngx_current_msec + max_wait_ms;
    without_slot_.push_back(&purse);
    make_slots(purse.account);
}

// Gives idle purses back to the store: the account's own if it has any, else those of any account.
void Money::make_slots(std::uint64_t account) {
    if (ngx_current_msec < make_slots_due_ms_) {
        return;
    }
    make_slots_due_ms_ = ngx_current_msec + make_slots_every_ms;
    std::size_t given_back = 0;
    if (const auto own = of_account_.find(account); own != of_account_.end()) {
        for (KeyPurse* purse : own->second) {
            given_back += given_back < max_given_back && give_back_if_idle(*purse) ? 1 : 0;
        }
        return;
    }
    for (const auto& [key_id, purse] : by_key_) {
        given_back += given_back < max_given_back && give_back_if_idle(*purse) ? 1 : 0;
    }
}

bool Money::give_back_if_idle(KeyPurse& purse) {
    const bool is_used = purse.slot == KeyPurse::no_slot || !purse.is_idle() || !purse.waiting.empty();
    if (is_used || purses_.state(purse.slot).reserved != 0) {
        return false;
    }
    purses_.release(purse.slot);
    return sync(purse);
}

void Money::maintain_slots(std::uint64_t now_ms) {
    const std::size_t taken = purses_.count_open();
    const bool is_crowded = taken * 100 >= purses_.count() * crowded_hundredths;
    if (is_crowded && !std::exchange(is_crowded_, is_crowded)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "api_key: %uz of the %uz slots for credits in api_key_zone are in use: increase its size", taken, purses_.count());
    }
    is_crowded_ = is_crowded;
    for (KeyPurse* purse : std::exchange(without_slot_, {})) {
        if (!purse->waiting.empty() && now_ms < purse->slot_due_ms && !open(*purse)) {
            without_slot_.push_back(purse);
            continue;
        }
        purse->slot_due_ms = 0;
        if (purse->slot == KeyPurse::no_slot && !purse->waiting.empty()) {
            if (!std::exchange(is_full_, true)) {
                ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                              "api_key: api_key_zone has no free slot for the credits of another key of account %uL: increase its size",
                              purse->account);
            }
            release(std::exchange(purse->waiting, {}), LimitAnswer::unavailable);
        } else {
            resume_purse(*purse);
        }
    }
    if (without_slot_.empty()) {
        is_full_ = is_full_ && is_crowded;
    } else {
        make_slots(without_slot_.front()->account);
    }
}

} // namespace api_key::module
