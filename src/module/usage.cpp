#include "module/usage.h"

#include "module/lookup.h"
#include "module/worker.h"
#include "store/key_flows.h"

namespace api_key::module {

namespace {

constexpr ngx_msec_t flush_after_ms = 500;

} // namespace

Usage::Usage(Worker& worker) : worker_(worker) {
    flush_timer_.handler = [](ngx_event_t* event) { static_cast<Usage*>(event->data)->flush(); };
    flush_timer_.data = this;
    flush_timer_.log = ngx_cycle->log;
    flush_timer_.cancelable = 1;
}

Usage::~Usage() {
    if (flush_timer_.timer_set) {
        ngx_del_timer(&flush_timer_);
    }
}

bool Usage::note(RequestContext& context) {
    if (context.first_use_told) {
        return !context.use_unknown;
    }
    const cache::Use use = use_of(context);
    if (use == cache::Use::never_told && context.record.last_used_ms == 0) {
        return wait_for_first_use(context);
    }
    if (use != cache::Use::told) {
        add(context.record.id);
    }
    return true;
}

void Usage::note_known(RequestContext& context) {
    if (use_of(context) == cache::Use::due) {
        add(context.record.id);
    }
}

cache::Use Usage::use_of(RequestContext& context) const {
    if (context.cell == nullptr) {
        const std::optional<cache::Hit> hit = worker_.zone.find(context.digest);
        context.cell = hit ? hit->cell : nullptr;
    }
    return context.cell != nullptr ? cache::Zone::use(*context.cell, ngx_current_msec, interval_ms) : cache::Use::never_told;
}

bool Usage::wait_for_first_use(RequestContext& context) {
    auto* errand = new Errand{worker_, &context};
    const store::Client::Operation* operation = worker_.client->run(
        std::make_unique<store::TouchKeys>(*worker_.configuration.keyspace, std::vector{context.record.id}), first_use_done, errand);
    if (operation == nullptr) {
        delete errand;
        first_use_failed(context);
        return false;
    }
    context.errand = errand;
    return false;
}

// The next request tries again.
void Usage::first_use_failed(RequestContext& context) {
    context.use_unknown = true;
    if (context.cell != nullptr) {
        context.cell->told_ms.store(0, std::memory_order_relaxed);
    }
}

void Usage::first_use_done(void* data, store::Flow& flow) {
    const std::unique_ptr<Errand> errand(static_cast<Errand*>(data));
    if (errand->context == nullptr) {
        return;
    }
    RequestContext& context = *errand->context;
    context.errand = nullptr;
    context.first_use_told = true;
    context.progress = Progress::answered;
    const auto& touched = static_cast<const store::TouchKeys&>(flow);
    if (flow.outcome() != store::Outcome::done) {
        errand->worker.operation_state(flow.reason());
        first_use_failed(context);
    } else if (!touched.exists().front()) {
        context.store = StoreAnswer::unknown; // deleted meanwhile
    }
    resume(context);
}

void Usage::add(std::uint64_t key_id) {
    batch_.push_back(key_id);
    if (batch_.size() == batch_size) {
        flush();
    } else if (!flush_timer_.timer_set) {
        ngx_add_timer(&flush_timer_, flush_after_ms);
    }
}

void Usage::flush() {
    if (batch_.empty()) {
        return;
    }
    worker_.client->run(
        std::make_unique<store::TouchKeys>(*worker_.configuration.keyspace, std::exchange(batch_, {})), [](void*, store::Flow&) {},
        nullptr);
}

} // namespace api_key::module
