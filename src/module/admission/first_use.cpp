#include "module/admission/first_use.h"

#include "module/admission/key_lookup.h"
#include "module/worker.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

bool Usage::note(RequestContext& context) {
    if (context.first_use_told) {
        return !context.use_unknown;
    }
    if (!is_first_use(context) || context.record.last_used_ms != 0) {
        return true;
    }
    if (!wait_for_store(context, store::KeyEvent::use)) {
        first_use_failed(context);
    }
    return false;
}

bool Usage::wait_for_refusal(RequestContext& context) {
    if (context.refusal_told || !context.has_record || context.record.last_used_ms != 0) {
        return false;
    }
    find_cell(context);
    const bool is_told = context.cell != nullptr && context.cell->refusal_told.exchange(true, std::memory_order_relaxed);
    context.refusal_told = true;
    return !is_told && wait_for_store(context, store::KeyEvent::refusal);
}

void Usage::find_cell(RequestContext& context) const {
    if (context.cell == nullptr) {
        const std::optional<cache::Hit> hit = worker_.zone.find(context.digest);
        context.cell = hit ? hit->cell : nullptr;
    }
}

bool Usage::is_first_use(RequestContext& context) const {
    find_cell(context);
    return context.cell == nullptr || cache::Zone::is_first_use(*context.cell, ngx_current_msec);
}

bool Usage::wait_for_store(RequestContext& context, store::KeyEvent event) {
    auto errand = std::make_unique<Errand>(Errand{worker_, &context});
    auto flow = std::make_unique<store::TouchKey>(*worker_.configuration.keyspace, context.record.id, event);
    if (worker_.client->run(std::move(flow), told, errand.get()) == nullptr) {
        return false;
    }
    context.errand = errand.release();
    return true;
}

// The next request tries again.
void Usage::first_use_failed(RequestContext& context) {
    context.use_unknown = true;
    if (context.cell != nullptr) {
        context.cell->use_told.store(false, std::memory_order_relaxed);
    }
}

void Usage::told(void* data, store::Flow& flow) {
    const std::unique_ptr<Errand> errand(static_cast<Errand*>(data));
    if (errand->context == nullptr) {
        return;
    }
    RequestContext& context = *errand->context;
    context.errand = nullptr;
    context.progress = Progress::answered;
    if (static_cast<const store::TouchKey&>(flow).event() == store::KeyEvent::use) {
        context.first_use_told = true;
        if (flow.outcome() == store::Outcome::not_found) {
            context.store = StoreAnswer::unknown; // deleted meanwhile
        } else if (flow.outcome() != store::Outcome::done) {
            errand->worker.operation_failed(flow.reason());
            first_use_failed(context);
        }
    }
    resume(context);
}

} // namespace api_key::module
