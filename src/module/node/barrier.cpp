#include "module/node/barrier.h"

#include <algorithm>

#include "module/worker.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_pause_ms = 1;
constexpr ngx_msec_t longest_pause_ms = 50;

// When the store cannot be asked any more.
std::vector<store::LateNode> nobody_knows() {
    return {{"(the store went away)", false, 0}};
}

} // namespace

Barrier::Barrier(Worker& worker) : worker_(worker) {
    timer_.handler = [](ngx_event_t* event) { static_cast<Barrier*>(event->data)->ask(); };
    timer_.data = this;
    timer_.log = ngx_cycle->log;
}

Barrier::~Barrier() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
}

void Barrier::wait(std::uint64_t sequence, Done done, void* context) {
    const auto later = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.sequence > sequence; });
    waiting_.insert(later, {sequence, ngx_current_msec + longest_wait_ms, done, context});
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
        ngx_add_timer(&timer_, pause_ms_);
        pause_ms_ = std::clamp(pause_ms_ * 2, first_pause_ms, longest_pause_ms);
    }
}

void Barrier::ask() {
    if (waiting_.empty() || asking_) {
        return;
    }
    asked_ = waiting_.back().sequence;
    auto flow = std::make_unique<store::LateNodes>(*worker_.configuration.keyspace, asked_, worker_.node().name);
    asking_ = worker_.client->run(std::move(flow), answered, this) != nullptr;
    if (!asking_) {
        end(nobody_knows());
        ask_later();
    }
}

void Barrier::answered(void* self, store::Flow& flow) {
    auto& barrier = *static_cast<Barrier*>(self);
    barrier.asking_ = false;
    barrier.end(flow.outcome() == store::Outcome::done ? static_cast<const store::LateNodes&>(flow).nodes() : nobody_knows());
    barrier.ask_later();
}

// Those that all nodes in touch have taken in, and those who have waited long enough.
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
        one.done(one.context, behind);
    }
}

} // namespace api_key::module
