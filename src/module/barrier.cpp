#include "module/barrier.h"

#include <algorithm>

#include "module/worker.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t first_pause_ms = 1;
constexpr ngx_msec_t longest_pause_ms = 50;

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

// About the first that waits: what a node has taken in up to it may be more.
void Barrier::ask() {
    if (waiting_.empty() || asking_) {
        return;
    }
    asked_ = waiting_.front().sequence;
    auto flow = std::make_unique<store::LateNodes>(*worker_.configuration.keyspace, asked_, worker_.node().name);
    asking_ = worker_.management->run(std::move(flow), answered, this) != nullptr;
    if (!asking_) {
        end(0, {"(the store went away)"});
        ask_later();
    }
}

void Barrier::answered(void* self, store::Flow& flow) {
    auto& barrier = *static_cast<Barrier*>(self);
    const auto& nodes = static_cast<const store::LateNodes&>(flow);
    barrier.asking_ = false;
    if (flow.outcome() != store::Outcome::done) {
        barrier.end(0, {"(the store went away)"});
    } else {
        std::vector<std::string> behind = nodes.silent();
        behind.insert(behind.end(), nodes.late().begin(), nodes.late().end());
        barrier.end(nodes.late().empty() ? barrier.asked_ : 0, behind);
    }
    barrier.ask_later();
}

// Of those up to a change, and those who have waited long enough.
void Barrier::end(std::uint64_t up_to, const std::vector<std::string>& behind) {
    std::vector<Waiting> ended;
    std::erase_if(waiting_, [&](const Waiting& one) {
        const bool over = one.sequence <= up_to || ngx_current_msec >= one.until_ms;
        if (over) {
            ended.push_back(one);
        }
        return over;
    });
    for (const Waiting& one : ended) {
        one.done(one.context, behind);
    }
}

} // namespace api_key::module
