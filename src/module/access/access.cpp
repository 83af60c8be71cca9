#include "module/access/access.h"

#include <chrono>

#include "core/text/printable.h"
#include "module/access/charge.h"
#include "module/access/cost.h"
#include "module/access/identity.h"
#include "module/access/model.h"
#include "module/access/preflight.h"
#include "module/access/session_access.h"
#include "module/access/upgrade.h"
#include "module/access/upstream_request.h"
#include "module/ngx/client_address.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

bool is_address_blocked(ngx_http_request_t* r, const Worker& worker) {
    if (block_rule(r).failed == 0) {
        return false;
    }
    const std::optional<Address> address = client_address(r);
    return address && worker.address_guard.is_blocked(*address);
}

// The store is down: cached records are used for a while, unless they are known to have changed.
void fall_back(RequestContext& context, const Worker& worker, const LocationConfiguration& location) {
    context.store = StoreAnswer::unavailable;
    if (context.has_record && ngx_current_msec < context.confirmed_ms + location.stale_ms &&
        !worker.zone.changed_since(context.generation, context.record->id, context.record->account)) {
        context.store = StoreAnswer::found;
        context.cache = CacheResult::stale;
    }
}

std::uint64_t monotonic_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

ngx_int_t conclude(RequestContext& context, Worker& worker, const LocationConfiguration& location, Reason reason) {
    if (context.begin_ns != 0) {
        worker.metrics.observe(cache::Histogram::decision, monotonic_ns() - std::exchange(context.begin_ns, 0));
    }
    context.progress = Progress::decided;
    context.reason = reason;
    if (reason == Reason::none) {
        return location.meter || location.models_list != 0 ? prepare_upstream_request(context) : NGX_OK;
    }
    if (location.dry_run != 0) {
        const ngx_str_t name = same_bytes(info(reason).name);
        ngx_log_error(NGX_LOG_WARN, context.request->connection->log, 0, "api_key: would reject (dry run): %V", &name);
        return NGX_DECLINED; // under `satisfy any` the other access modules decide
    }
    const ErrorOverride& error = location.errors[static_cast<std::size_t>(reason)];
    context.status = error.status != 0 ? error.status : info(reason).status;
    return context.status;
}

// False when this node does not know the plan, which must not mean "no limit".
bool find_plan(RequestContext& context, Worker& worker) {
    const MainConfiguration& main = worker.configuration;
    const RecordView& record = *context.record;
    if (!record.plan.empty() && main.plans) {
        context.plan = main.plans->find(record.plan);
        if (context.plan == nullptr) {
            const std::string plan = "plan \"" + printable(record.plan) + "\", which api_key_plans does not define";
            const std::string who = "key " + std::to_string(record.id) + " of account " + std::to_string(record.account);
            worker.link.operation_failed(who + " has " + plan, plan);
            return false;
        }
    }
    return true;
}

// Finds the limits of the key's quotas and its account's plan. Requests to the management API are not counted, so that an owner at a limit
// can still see and raise it.
void find_limits(RequestContext& context, const LocationConfiguration& location) {
    if (location.manages) {
        return;
    }
    const std::uint64_t rates = context.plan != nullptr ? context.plan->fingerprint : 0;
    context.has_limits = rates != 0 || context.record->has_quotas;
    context.limits_fingerprint = context.record->version ^ rates ^ (context.generation << 20U);
}

// Admits a request whose key nothing else refuses: its limits, its money, and the report to the store that the key is in use.
Verdict admit(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (context.limit_answer == LimitAnswer::none) {
        find_limits(context, location);
    }
    Verdict verdict = context.has_limits ? worker.limits.admit(context) : Verdict::pass();
    if (verdict.passes() && context.reserve_micro_credits != 0) {
        verdict = worker.money.reserve(context);
        if (verdict.refuses() && location.dry_run == 0) {
            worker.limits.put_back(context);
        }
    }
    if (verdict.passes() && context.has_limits) {
        worker.first_use.note_known(context);
        return verdict;
    }
    return verdict.then([&] { return worker.first_use.note(context); });
}

// Decides by the record of the key, from the cache or the store.
Verdict decide_credential(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (const std::optional<Reason> reason = decide_here(context, worker.configuration, location)) {
        return *reason;
    }
    if (const Verdict verdict = worker.key_lookups.ask(context); verdict.waits()) {
        context.cache = CacheResult::miss;
        return verdict;
    }
    fall_back(context, worker, location);
    return *decide_here(context, worker.configuration, location);
}

Verdict decide_key(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (const Reason reason = reason_of_session(context); reason != Reason::none && !context.address_blocked) {
        return reason;
    }
    Verdict verdict = decide_credential(context, worker, location);
    if (verdict.refuses()) {
        verdict = reason_for_session(context, worker, verdict.reason());
    }
    if (verdict.reason() == Reason::invalid_key && block_rule(context.request).failed != 0 &&
        worker.address_guard.count(context, block_rule(context.request)).waits()) {
        return Verdict::wait();
    }
    return verdict.then([&] { return find_plan(context, worker) ? Reason::none : Reason::store_unavailable; });
}

Reason decide_scope(const RequestContext& context, const LocationConfiguration& location) {
    return location.refuses_scopes && context.model_scope().is_limited() && may_name_a_model(*context.request) ? Reason::model_not_allowed
                                                                                                               : Reason::none;
}

// Decides by the model, and finds the maximum cost.
Verdict decide_use(RequestContext& context, const LocationConfiguration& location) {
    if (location.model == ModelSource::none && !location.meter && location.cost == nullptr) {
        return Verdict::pass();
    }
    return learn_model(context, location).then([&] { return decide_model(context, location); }).then([&] {
        return context.charging == nullptr ? find_reserve(context, location) : Reason::none;
    });
}

// Applies the rules of the contract in their order.
Verdict decide_request(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    const Verdict verdict = decide_key(context, worker, location);
    if (verdict.refuses() && may_sign_out(context, verdict.reason())) {
        return Verdict::pass();
    }
    return verdict.then([&] { return context.request->headers_in.upgrade != nullptr ? decide_upgrade(context, location) : Reason::none; })
        .then([&] { return decide_scope(context, location); })
        .then([&] { return decide_use(context, location); })
        .then([&] { return admit(context, worker, location); });
}

// Identifies the key of a request that comes to its decision for the first time, or whose body has been read.
Verdict identify(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    context.begin_ns = context.begin_ns == 0 ? monotonic_ns() : context.begin_ns; // may be set already, when a session was waited for
    context.address_blocked = is_address_blocked(context.request, worker);
    if (read_credential(context, worker, location) != NGX_OK) {
        return Verdict::finish(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    if (context.address_blocked) {
        return Verdict::pass();
    }
    const Verdict verdict = location.manages ? find_session_key(context, worker) : Verdict::pass();
    if (verdict.passes() && context.type != nullptr) {
        consult_cache(context, worker);
    }
    return verdict;
}

// A preflight has no key, as browsers send none with it; one that has is decided like any other request.
bool needs_no_key(const RequestContext& context, const LocationConfiguration& location) {
    return !location.manages && !context.address_blocked && context.credentials == 0 && is_preflight(*context.request);
}

// The key may have changed while the request waited for the store. A charge belongs to the version of the record that it was made for.
void read_again_if_changed(RequestContext& context, Worker& worker) {
    const bool is_charged = context.limit_answer != LimitAnswer::none || context.money_answer != LimitAnswer::none;
    if (context.store == StoreAnswer::found && !is_charged && context.cache != CacheResult::stale &&
        worker.zone.changed_since(context.generation, context.record->id, context.record->account)) {
        consult_cache(context, worker);
    }
}

// Prepares a resumed request for its decision.
void continue_request(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (context.store == StoreAnswer::unavailable) {
        fall_back(context, worker, location);
    }
    read_again_if_changed(context, worker);
}

ngx_int_t answer(RequestContext& context, Worker& worker, const LocationConfiguration& location, const Verdict& verdict) {
    if (verdict.finishes()) {
        return verdict.result();
    }
    if (verdict.waits()) {
        return suspend(context);
    }
    if (verdict.refuses() && worker.first_use.note_refusal(context).waits()) {
        context.reason = verdict.reason();
        return suspend(context);
    }
    return conclude(context, worker, location, verdict.reason());
}

} // namespace

ngx_int_t access_handler(ngx_http_request_t* r) {
    const LocationConfiguration& location = location_configuration(r);
    Worker* const the_worker = worker();
    if (location.types == 0 || the_worker == nullptr) {
        return location.types == 0 ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    RequestContext* context = get_context(r);
    if (context == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    Verdict verdict = Verdict::pass();
    switch (context->progress) {
    case Progress::waiting:
        return NGX_AGAIN;
    case Progress::fresh:
        verdict = identify(*context, *the_worker, location);
        if (location.preflight != 0 && verdict.passes() && needs_no_key(*context, location)) {
            return NGX_OK;
        }
        break;
    case Progress::answered:
        if (context->reason != Reason::none) { // its refusal had to wait for the store
            return conclude(*context, *the_worker, location, context->reason);
        }
        continue_request(*context, *the_worker, location);
        break;
    case Progress::decided: // reached again by an internal redirect: it is not charged twice
        break;
    }
    verdict = verdict.then([&] { return decide_request(*context, *the_worker, location); });
    return answer(*context, *the_worker, location, verdict);
}

namespace {

// Under `satisfy any` an address alone may open the location: the access phase then ends before it reads the key, which must not go
// upstream.
ngx_int_t take_out_credential(ngx_http_request_t* r, const LocationConfiguration& location) {
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    Worker* const the_worker = worker();
    if (core->satisfy != NGX_HTTP_SATISFY_ANY || the_worker == nullptr) {
        return NGX_DECLINED;
    }
    RequestContext* context = get_context(r);
    const bool done = context != nullptr && read_credential(*context, *the_worker, location) == NGX_OK;
    return done ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

} // namespace

ngx_int_t preaccess_handler(ngx_http_request_t* r) {
    const LocationConfiguration& location = location_configuration(r);
    if (location.types == 0) {
        return NGX_DECLINED;
    }
    if (r == r->main) {
        return take_out_credential(r, location);
    }
    const RequestContext* context = find_context(r->main);
    if (context != nullptr && context->progress == Progress::decided && context->reason == Reason::none &&
        is_type_in(main_configuration(r), context->type, location.types)) {
        return NGX_DECLINED;
    }
    if (location.dry_run != 0) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0, "api_key: would reject (dry run): subrequest to \"%V\"", &r->uri);
        return NGX_DECLINED;
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "api_key: subrequest to \"%V\" needs a key that its main request did not present",
                  &r->uri);
    return NGX_HTTP_FORBIDDEN;
}

} // namespace api_key::module
