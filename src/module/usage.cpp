#include "module/usage.h"

#include "module/lookup.h"
#include "module/worker.h"
#include "store/key_flows.h"

namespace api_key::module {

bool Usage::note(RequestContext& context) {
    if (context.first_use_told) {
        return !context.use_unknown;
    }
    return !is_first_use(context) || context.record.last_used_ms != 0 || wait_for_first_use(context);
}

bool Usage::is_first_use(RequestContext& context) const {
    if (context.cell == nullptr) {
        const std::optional<cache::Hit> hit = worker_.zone.find(context.digest);
        context.cell = hit ? hit->cell : nullptr;
    }
    return context.cell == nullptr || cache::Zone::is_first_use(*context.cell, ngx_current_msec);
}

bool Usage::wait_for_first_use(RequestContext& context) {
    auto* errand = new Errand{worker_, &context};
    const store::Operation* operation =
        worker_.client->run(std::make_unique<store::TouchKey>(*worker_.configuration.keyspace, context.record.id), first_use_done, errand);
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
        context.cell->use_told.store(false, std::memory_order_relaxed);
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
    if (flow.outcome() == store::Outcome::not_found) {
        context.store = StoreAnswer::unknown; // deleted meanwhile
    } else if (flow.outcome() != store::Outcome::done) {
        errand->worker.operation_state(flow.reason());
        first_use_failed(context);
    }
    resume(context);
}

} // namespace api_key::module
