#include "module/access/access.h"

#include <chrono>

#include "module/access/charge.h"
#include "module/access/cost.h"
#include "module/access/identity.h"
#include "module/access/model.h"
#include "module/access/upgrade.h"
#include "module/admission/address_guard.h"
#include "module/admission/key_lookup.h"
#include "module/answer/meter.h"
#include "module/worker.h"
#include "store/replies.h"

namespace api_key::module {

namespace {

bool is_address_blocked(ngx_http_request_t* r, const Worker& worker) {
    if (block_rule(r).failed == 0) {
        return false;
    }
    const std::optional<Address> address = client_address(r);
    return address && worker.guard.is_blocked(*address);
}

// The store cannot be asked: what the cache holds goes on for a while, unless it is known to have changed.
void fall_back(RequestContext& context, const Worker& worker, const LocationConfiguration& location) {
    context.store = StoreAnswer::unavailable;
    if (context.has_record && ngx_current_msec < context.confirmed_ms + location.stale_ms &&
        !worker.zone.changed_since(context.generation, context.record.id, context.record.account)) {
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
        return location.meter ? ask_for_usage(context) : NGX_OK;
    }
    if (location.dry_run != 0) {
        const ngx_str_t name = same_bytes(info(reason).name);
        ngx_log_error(NGX_LOG_WARN, context.request->connection->log, 0, "api_key: would refuse, dry run: %V", &name);
        return NGX_DECLINED; // under `satisfy any` the others decide
    }
    const ErrorOverride& error = location.errors[static_cast<std::size_t>(reason)];
    context.status = error.status != 0 ? error.status : info(reason).status;
    return context.status;
}

// False when the plan is not one that this node knows: never "no limit".
bool find_plan(RequestContext& context, Worker& worker) {
    const MainConfiguration& main = worker.configuration;
    const RecordView& record = context.record;
    if (!record.plan.empty() && main.plans) {
        context.plan = main.plans->find(record.plan);
        if (context.plan == nullptr) {
            const std::string plan = "a plan that api_key_plans does not have: " + store::printable(record.plan);
            worker.operation_failed("key " + std::to_string(record.id) + " has " + plan, plan);
            return false;
        }
    }
    return true;
}

// What its quotas and its account's plan allow. Requests to the management API are not counted: who has reached a limit can still see it
// and raise it.
void find_limits(RequestContext& context, const LocationConfiguration& location) {
    if (location.manages) {
        return;
    }
    const std::uint64_t rates = context.plan != nullptr ? context.plan->fingerprint : 0;
    context.has_limits = rates != 0 || context.record.has_quotas;
    context.limits_fingerprint = context.record.version ^ rates ^ (context.generation << 20U);
}

Reason reason_of_limit(Window window) {
    return is_rate(window) ? Reason::rate_limited : Reason::quota_exceeded;
}

Reason reason_of_shortage(store::Shortage shortage) {
    return shortage == store::Shortage::key_spend ? Reason::key_spend_exceeded : Reason::wallet_empty;
}

// Nothing: it has to wait.
template <class WhyRefused>
std::optional<Reason> reason_of(LimitAnswer answer, WhyRefused why_refused) {
    switch (answer) {
    case LimitAnswer::passed:
        return Reason::none;
    case LimitAnswer::refused:
        return why_refused();
    case LimitAnswer::waiting:
        return std::nullopt;
    case LimitAnswer::none:
    case LimitAnswer::unavailable:
        break;
    }
    return Reason::store_unavailable;
}

std::optional<Reason> note_use(RequestContext& context, Worker& worker) {
    if (context.has_limits) {
        worker.usage.note_known(context);
        return Reason::none;
    }
    if (worker.usage.note(context)) {
        return Reason::none;
    }
    return context.use_unknown ? std::optional(Reason::store_unavailable) : std::nullopt;
}

// Of a key that nothing else refuses: its limits, its money, and the word to the store that it is in use. Nothing when the request has to
// wait.
std::optional<Reason> admit(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (context.limit_answer == LimitAnswer::none) {
        find_limits(context, location);
    }
    std::optional<Reason> reason = Reason::none;
    if (context.has_limits) {
        reason = reason_of(worker.limits.admit(context), [&] { return reason_of_limit(context.refusal->window); });
    }
    if (reason == Reason::none && context.reserve_micro_credits != 0) {
        reason = reason_of(worker.money.reserve(context), [&] { return reason_of_shortage(context.shortage.shortage); });
        if (reason && *reason != Reason::none && location.dry_run == 0) {
            worker.limits.put_back(context);
        }
    }
    return reason == Reason::none ? note_use(context, worker) : reason;
}

// The rules before the limits: none when they let it pass, nothing when the request has to wait for the store.
std::optional<Reason> decide_key(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (const Reason reason = reason_of_session(context); reason != Reason::none && !context.address_blocked) {
        return reason;
    }
    std::optional<Reason> reason = decide_here(context, worker.configuration, location);
    if (!reason) {
        if (worker.lookups.wait(context)) {
            context.cache = CacheResult::miss;
            return std::nullopt;
        }
        fall_back(context, worker, location);
        reason = decide_here(context, worker.configuration, location);
    }
    if (context.shown == ShownBy::session) {
        reason = reason_for_session(*reason);
        if (*reason == Reason::session_ended) {
            worker.sessions.end(context);
        }
    }
    if (*reason == Reason::invalid_key && block_rule(context.request).failed != 0 &&
        worker.guard.count(context, block_rule(context.request))) {
        return std::nullopt;
    }
    if (*reason == Reason::none && !find_plan(context, worker)) {
        return Reason::store_unavailable;
    }
    return reason;
}

ngx_int_t decide_request(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    std::optional<Reason> reason = decide_key(context, worker, location);
    if (reason == Reason::none && context.request->headers_in.upgrade != nullptr) {
        reason = decide_upgrade(context, location);
    }
    if (reason == Reason::none && location.refuses_scopes && is_scoped(context) && may_name_a_model(*context.request)) {
        reason = Reason::model_not_allowed;
    }
    if (reason == Reason::none && (location.model != ModelSource::none || location.meter || location.cost != nullptr)) {
        if (const ngx_int_t result = learn_model(context, location); result != NGX_OK) {
            return result;
        }
        reason = decide_model(context, location);
        if (reason == Reason::none && context.charging == nullptr) {
            reason = find_reserve(context, location);
        }
    }
    if (reason == Reason::none) {
        reason = admit(context, worker, location);
    }
    if (reason && may_sign_out(context, *reason)) {
        reason = Reason::none;
    }
    if (reason && *reason != Reason::none && worker.usage.wait_for_refusal(context)) {
        context.reason = *reason;
        return suspend(context);
    }
    return reason ? conclude(context, worker, location, *reason) : suspend(context);
}

} // namespace

namespace {

// Its key may have changed while the request waited for the store. What was charged is of the version that it was charged to.
void look_again(RequestContext& context, const Worker& worker) {
    const bool is_charged = context.limit_answer != LimitAnswer::none || context.money_answer != LimitAnswer::none;
    if (context.store == StoreAnswer::found && !is_charged && context.cache != CacheResult::stale &&
        worker.zone.changed_since(context.generation, context.record.id, context.record.account)) {
        consult_cache(context, worker);
    }
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
    switch (context->progress) {
    case Progress::waiting:
        return NGX_AGAIN;
    case Progress::fresh:
        context->begin_ns = context->begin_ns == 0 ? monotonic_ns() : context->begin_ns; // a session may have been waited for
        context->address_blocked = is_address_blocked(r, *the_worker);
        if (read_credential(*context, *the_worker, location) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        if (location.manages && !context->address_blocked) {
            if (const std::optional<ngx_int_t> result = find_session_key(*context, *the_worker)) {
                return *result;
            }
        }
        if (context->type != nullptr && !context->address_blocked) {
            consult_cache(*context, *the_worker);
        }
        break;
    case Progress::answered:
        if (context->reason != Reason::none) { // its refusal waited for the store
            return conclude(*context, *the_worker, location, context->reason);
        }
        if (context->store == StoreAnswer::unavailable) {
            fall_back(*context, *the_worker, location);
        }
        look_again(*context, *the_worker);
        break;
    case Progress::decided: // an internal redirect came here; what was charged stays charged once
        break;
    }
    return decide_request(*context, *the_worker, location);
}

namespace {

// Under `satisfy any` an address alone may open the place: the access phase ends before it comes to the key, which must not go on.
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
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0, "api_key: would refuse, dry run: subrequest to \"%V\"", &r->uri);
        return NGX_DECLINED;
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "api_key: subrequest to \"%V\" needs a key that its request did not show", &r->uri);
    return NGX_HTTP_FORBIDDEN;
}

} // namespace api_key::module
