#include "module/access.h"

#include <bit>

#include "core/key_text.h"
#include "module/address_guard.h"
#include "module/credential_reader.h"
#include "module/lookup.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

const KeyType* type_of(const MainConfiguration& main, std::string_view text) {
    for (const KeyType& type : main.types) {
        if (text.starts_with(type.prefix) && is_key_text(text, type.prefix)) {
            return &type;
        }
    }
    return nullptr;
}

bool is_type_in(const MainConfiguration& main, const KeyType* type, TypeSet types) {
    return type != nullptr && (types & (TypeSet{1} << static_cast<unsigned>(type - main.types.data()))) != 0;
}

const store::BlockRule& block_rule(ngx_http_request_t* r) {
    return *server_configuration(r).block;
}

bool is_address_blocked(ngx_http_request_t* r, const Worker& worker) {
    if (block_rule(r).failed == 0) {
        return false;
    }
    const std::optional<Address> address = client_address(r);
    return address && worker.guard.is_blocked(*address);
}

// The type and digest of the one credential; remembered with the connection.
void identify(RequestContext& context, Worker& worker, std::string_view text) {
    ngx_http_request_t* r = context.request;
    const std::vector<KeyType>& types = worker.configuration.types;
    if (const RememberedKeys::Key* remembered = worker.remembered_keys.find(r, text)) {
        context.type = &types[remembered->type];
        context.digest = remembered->digest;
        return;
    }
    context.type = type_of(worker.configuration, text);
    if (context.type == nullptr && block_rule(r).failed == 0) {
        return;
    }
    const std::optional<Digest> digest = sha256(text);
    if (!digest) {
        context.type = nullptr;
        return;
    }
    context.digest = *digest;
    if (context.type == nullptr) {
        return; // its digest is for counting it
    }
    worker.remembered_keys.remember(r, text, {*digest, static_cast<std::uint8_t>(context.type - types.data())});
}

ngx_int_t read_credential(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    const FoundCredential found = find_credential(r, *location.places);
    context.credentials = found.count;
    context.address_blocked = is_address_blocked(r, worker);
    if (found.count == 1 && !context.address_blocked) {
        identify(context, worker, found.text);
    }
    return location.forward ? NGX_OK : remove_credentials(r, *location.places, found);
}

// What the cache says; leaves the store to be asked where it says nothing that may be relied on.
void consult_cache(RequestContext& context, const Worker& worker) {
    const std::uint64_t now = ngx_current_msec;
    if (const std::optional<cache::Hit> hit = worker.zone.find(context.digest)) {
        const std::span<std::byte> room = context.room(hit->packed_size);
        if (!room.empty() && worker.zone.copy(*hit, room) && context.take(room)) {
            context.cell = hit->cell;
            context.generation = hit->generation;
            context.fetched_ms = hit->fetched_ms;
            context.store_now_ms = hit->store_now_ms;
            context.confirmed_ms = worker.changes.confirmed_ms(hit->fetched_ms);
            if (now < context.confirmed_ms + cache::ChangeLog::trusted_for_ms) {
                context.store = StoreAnswer::found;
                context.cache = CacheResult::hit;
            }
            return;
        }
    }
    if (worker.zone.is_unknown(context.digest, now)) {
        context.store = StoreAnswer::unknown;
        context.cache = CacheResult::negative;
    }
}

// The store cannot be asked: what the cache holds goes on for a while.
void fall_back(RequestContext& context, const LocationConfiguration& location) {
    context.store = StoreAnswer::unavailable;
    if (context.has_record && ngx_current_msec < context.confirmed_ms + location.stale_ms) {
        context.store = StoreAnswer::found;
        context.cache = CacheResult::stale;
    }
}

std::optional<Reason> decide_here(const RequestContext& context, const MainConfiguration& main, const LocationConfiguration& location) {
    Question question;
    question.address_blocked = context.address_blocked;
    question.credentials = context.credentials;
    question.well_formed = context.type != nullptr;
    question.declared_type = context.type != nullptr ? std::string_view(context.type->name) : std::string_view();
    question.type_opens_place = is_type_in(main, context.type, location.types);
    question.store = context.store;
    question.record = &context.record;
    question.now_ms = context.store_clock_ms(ngx_current_msec);
    if (context.has_record && !context.record.allowed_ips.empty()) {
        question.address = client_address(context.request);
    }
    return decide(question);
}

ngx_int_t conclude(RequestContext& context, const LocationConfiguration& location, Reason reason) {
    context.progress = Progress::decided;
    context.reason = reason;
    if (reason == Reason::none) {
        return NGX_OK;
    }
    if (location.dry_run != 0) {
        const ngx_str_t name = same_bytes(info(reason).name);
        ngx_log_error(NGX_LOG_WARN, context.request->connection->log, 0, "api_key: would refuse, dry run: %V", &name);
        return NGX_OK;
    }
    const ErrorOverride& error = location.errors[static_cast<std::size_t>(reason)];
    context.status = error.status != 0 ? error.status : info(reason).status;
    return context.status;
}

// What its quotas and its account's plan are; requests to the management API are not counted: who has reached a limit can still see it and
// raise it. False when the plan is not one that this node knows: never "no limit".
bool find_limits(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (location.manages) {
        return true;
    }
    const MainConfiguration& main = worker.configuration;
    const RecordView& record = context.record;
    if (!record.plan.empty() && main.plans) {
        context.plan = main.plans->find(record.plan);
        if (context.plan == nullptr) {
            worker.operation_state("key " + std::to_string(record.id) + " has a plan that api_key_plans does not have");
            return false;
        }
    }
    const std::uint64_t rates = context.plan != nullptr ? context.plan->fingerprint : 0;
    context.has_limits = rates != 0 || record.has_quotas;
    context.limits_fingerprint = record.version ^ rates ^ (context.generation << 20U);
    return true;
}

Reason reason_of_limit(Window window) {
    return is_rate(window) ? Reason::rate_limited : Reason::quota_exceeded;
}

// Of a key that nothing else refuses: its limits, and the word to the store that it is in use. Nothing when the request has to wait.
std::optional<Reason> admit(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (context.limit_answer == LimitAnswer::none && !find_limits(context, worker, location)) {
        return Reason::store_unavailable;
    }
    if (!context.has_limits) {
        if (worker.usage.note(context)) {
            return Reason::none;
        }
        return context.store == StoreAnswer::unavailable ? std::optional(Reason::store_unavailable) : std::nullopt;
    }
    switch (worker.limits.admit(context)) {
    case LimitAnswer::passed:
        worker.usage.note_known(context);
        return Reason::none;
    case LimitAnswer::refused:
        return reason_of_limit(context.refusal->window);
    case LimitAnswer::waiting:
        return std::nullopt;
    case LimitAnswer::none:
    case LimitAnswer::unavailable:
        break;
    }
    return Reason::store_unavailable;
}

ngx_int_t decide_request(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    std::optional<Reason> reason = decide_here(context, worker.configuration, location);
    if (!reason) {
        if (worker.lookups.wait(context)) {
            context.cache = CacheResult::miss;
            return suspend(context);
        }
        fall_back(context, location);
        reason = decide_here(context, worker.configuration, location);
    }
    if (*reason == Reason::none) {
        reason = admit(context, worker, location);
    } else if (*reason == Reason::invalid_key && block_rule(context.request).failed != 0 &&
               worker.guard.count(context, block_rule(context.request))) {
        reason = std::nullopt;
    }
    return reason ? conclude(context, location, *reason) : suspend(context);
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
        if (read_credential(*context, *the_worker, location) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        if (context->type != nullptr) {
            consult_cache(*context, *the_worker);
        }
        break;
    case Progress::answered:
        if (context->store == StoreAnswer::unavailable) {
            fall_back(*context, location);
        }
        break;
    case Progress::decided: // an internal redirect came here; what was charged stays charged once
        break;
    }
    return decide_request(*context, *the_worker, location);
}

ngx_int_t subrequest_handler(ngx_http_request_t* r) {
    const LocationConfiguration& location = location_configuration(r);
    if (r == r->main || location.types == 0) {
        return NGX_DECLINED;
    }
    const RequestContext* context = find_context(r->main);
    if (context != nullptr && context->progress == Progress::decided && context->reason == Reason::none &&
        is_type_in(main_configuration(r), context->type, location.types)) {
        return NGX_DECLINED;
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "api_key: subrequest to \"%V\" needs a key that its request did not show", &r->uri);
    return NGX_HTTP_FORBIDDEN;
}

} // namespace api_key::module
