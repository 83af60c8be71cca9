#include "module/admission/first_use.h"

#include <memory>

namespace api_key::module {

Verdict FirstUse::note(RequestContext& context) {
    if (context.first_use_reported) {
        return context.use_report_failed ? Reason::store_unavailable : Reason::none;
    }
    if (!is_first_use(context) || context.record->last_used_ms != 0) {
        return Verdict::pass();
    }
    if (report(context, store::KeyEvent::use)) {
        return Verdict::wait();
    }
    report_next_time(context);
    return Reason::store_unavailable;
}

Verdict FirstUse::note_refusal(RequestContext& context) {
    if (context.refusal_reported || !context.has_record || context.record->last_used_ms != 0) {
        return Verdict::pass();
    }
    find_cell(context);
    const bool is_reported = context.cell != nullptr && context.cell->refusal_reported.exchange(true, std::memory_order_relaxed);
    context.refusal_reported = true;
    return !is_reported && report(context, store::KeyEvent::refusal) ? Verdict::wait() : Verdict::pass();
}

void FirstUse::find_cell(RequestContext& context) const {
    if (context.cell == nullptr) {
        const std::optional<cache::Hit> hit = zone_.find(context.digest);
        context.cell = hit ? hit->cell : nullptr;
    }
}

bool FirstUse::is_first_use(RequestContext& context) const {
    find_cell(context);
    return context.cell == nullptr || cache::Zone::is_first_use(*context.cell, ngx_current_msec);
}

bool FirstUse::report(RequestContext& context, store::KeyEvent event) {
    auto call = std::make_unique<Call>(*this, context);
    if (link_.run<store::TouchKey>(Lane::requests, done<&FirstUse::reported>, call.get(), context.record->id, event) == nullptr) {
        return false;
    }
    context.waits_for = call.release();
    return true;
}

void FirstUse::report_next_time(RequestContext& context) {
    context.use_report_failed = true;
    if (context.cell != nullptr) {
        context.cell->use_reported.store(false, std::memory_order_relaxed);
    }
}

void FirstUse::reported(Call& call, const store::TouchKey& flow) {
    const std::unique_ptr<Call> ended(&call);
    if (call.context == nullptr) {
        return;
    }
    if (flow.event() == store::KeyEvent::use) {
        used(*call.context, flow);
    }
    resume(*call.context);
}

void FirstUse::used(RequestContext& context, const store::TouchKey& flow) {
    context.first_use_reported = true;
    context.use_report_failed = false;
    if (flow.outcome() == store::Outcome::not_found) {
        context.store = StoreAnswer::unknown; // the key was deleted in between
    } else if (flow.outcome() != store::Outcome::done) {
        link_.operation_failed(flow.reason());
        report_next_time(context);
    }
}

} // namespace api_key::module
