#include "module/node/barrier.h"

#include <algorithm>

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_pause_ms = 1;
constexpr ngx_msec_t max_pause_ms = 50;

// The answer when the store cannot be asked any more.
std::vector<store::LateNode> unknown_node() {
    return {{"(the store went away)", false, 0}};
}

} // namespace

void Barrier::wait(std::uint64_t sequence, Done done, void* context) {
    const auto later = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.sequence > sequence; });
    waiting_.insert(later, {sequence, ngx_current_msec + max_wait_ms, done, context});
    pause_ms_ = 0;
    if (!asking_) {
        ask_later();
    }
}

void Barrier::cancel(void* context) {
    std::erase_if(waiting_, [&](const Waiting& one) { return one.context == context; });
}

void Barrier::ask_later() {
    if (!waiting_.empty()) {
        timer_.start(pause_ms_);
        pause_ms_ = std::clamp(pause_ms_ * 2, first_pause_ms, max_pause_ms);
    }
}

void Barrier::ask() {
    if (waiting_.empty() || asking_) {
        return;
    }
    asked_ = waiting_.back().sequence;
    asking_ = link_.run<store::LateNodes>(Lane::requests, done<&Barrier::answered>, this, asked_, node_) != nullptr;
    if (!asking_) {
        end(unknown_node());
        ask_later();
    }
}

void Barrier::answered(const store::LateNodes& flow) {
    asking_ = false;
    end(flow.outcome() == store::Outcome::done ? flow.nodes() : unknown_node());
    ask_later();
}

// Ends the waits for changes that every reachable node has applied, and those past their deadline.
void Barrier::end(const std::vector<store::LateNode>& nodes) {
    const auto is_behind = [](const store::LateNode& node, const Waiting& one) { return node.applied < one.sequence; };
    std::vector<Waiting> ended;
    std::erase_if(waiting_, [&](const Waiting& one) {
        const bool late = one.sequence > asked_ || std::any_of(nodes.begin(), nodes.end(), [&](const store::LateNode& node) {
                              return !node.silent && is_behind(node, one);
                          });
        if (late && ngx_current_msec < one.until_ms) {
            return false;
        }
        ended.push_back(one);
        return true;
    });
    for (const Waiting& one : ended) {
        std::vector<std::string> behind;
        for (const store::LateNode& node : nodes) {
            if (is_behind(node, one)) {
                behind.push_back(node.name);
            }
        }
        finish(one, behind);
    }
}

void Barrier::finish(const Waiting& one, const std::vector<std::string>& behind) {
    constexpr std::uint64_t ns_per_ms = 1'000'000;
    metrics_.observe(cache::Histogram::change_confirm, (ngx_current_msec + max_wait_ms - one.until_ms) * ns_per_ms);
    if (!behind.empty()) {
        metrics_.add(cache::Counter::unconfirmed_changes);
    }
    one.done(one.context, behind);
}

} // namespace api_key::module
