#include "store/nginx/read_turns.h"

#include <algorithm>
#include <utility>

#include "store/nginx/operation.h"

namespace api_key::store {

namespace {

constexpr std::chrono::milliseconds max_pause(20);
constexpr unsigned few_steps = 4; // steps; a short list takes fewer

} // namespace

void ReadTurns::wait(Operation* operation) {
    waiting_[operation->reader].push_back(operation);
}

bool ReadTurns::answered(const Operation* operation) {
    if (operation != has_turn_) {
        return false;
    }
    has_turn_ = nullptr;
    was_answered_ = true;
    return true;
}

std::uint64_t ReadTurns::begin_pause() {
    was_answered_ = false;
    if (is_paused_) {
        return 0; // a pause has begun already and goes on
    }
    const auto took = std::chrono::round<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since_);
    const auto lasts_ms = static_cast<std::uint64_t>(std::min(took, max_pause).count());
    is_paused_ = lasts_ms != 0;
    return lasts_ms;
}

bool ReadTurns::may_go(const Operation& operation) const {
    return !is_paused_ || (operation.reader != last_ && operation.turns < few_steps);
}

// Goes through all accounts once, beginning after the one that had the last turn.
Operation* ReadTurns::next() {
    if (has_turn_ != nullptr || was_answered_ || waiting_.empty()) {
        return nullptr;
    }
    Waiting::iterator account = waiting_.upper_bound(last_);
    for (std::size_t looked_at = 0; looked_at < waiting_.size(); looked_at++, ++account) {
        account = account == waiting_.end() ? waiting_.begin() : account;
        if (Operation* operation = account->second.front(); may_go(*operation)) {
            forget(operation);
            operation->turns++;
            last_ = operation->reader;
            since_ = std::chrono::steady_clock::now();
            return has_turn_ = operation;
        }
    }
    return nullptr;
}

void ReadTurns::drop(const Operation* operation) {
    if (operation == has_turn_) {
        has_turn_ = nullptr;
    }
}

bool ReadTurns::forget(Operation* operation) {
    const Waiting::iterator account = waiting_.find(operation->reader);
    if (account == waiting_.end() || std::erase(account->second, operation) == 0) {
        return false;
    }
    if (account->second.empty()) {
        waiting_.erase(account);
    }
    return true;
}

std::deque<Operation*> ReadTurns::stop() {
    std::deque<Operation*> stopped;
    for (const auto& [account, operations] : std::exchange(waiting_, {})) {
        stopped.insert(stopped.end(), operations.begin(), operations.end());
    }
    has_turn_ = nullptr;
    was_answered_ = false;
    is_paused_ = false;
    return stopped;
}

} // namespace api_key::store
