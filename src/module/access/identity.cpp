#include "module/access/identity.h"

#include "core/secrets/key_text.h"
#include "module/credentials/credential_reader.h"
#include "module/ngx/client_address.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

const KeyType* type_of(const MainConfiguration& main, std::string_view text) {
    const std::optional<std::size_t> index = key_form_of(text, main.key_forms);
    return index ? &main.types[*index] : nullptr;
}

} // namespace

void take_key(RequestContext& context, Worker& worker, std::string_view text) {
    ngx_http_request_t* r = context.request;
    const std::vector<KeyType>& types = worker.configuration.types;
    context.let_go();
    if (const RememberedKeys::Key* remembered = worker.remembered_keys.find(r, text)) {
        context.type = &types[remembered->type];
        context.digest = remembered->digest;
        if (remembered->record != nullptr) {
            context.hold(*remembered->record);
        }
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
        return; // its digest is only needed to count it
    }
    worker.remembered_keys.remember(r, text, {*digest, static_cast<std::uint8_t>(context.type - types.data())});
}

ngx_int_t read_credential(RequestContext& context, Worker& worker, const LocationConfiguration& location) {
    if (context.credential_read) {
        return NGX_OK;
    }
    ngx_http_request_t* r = context.request;
    const FoundCredential found = find_credential(r, *location.sources);
    context.credential_read = true;
    context.credentials = found.count;
    if (found.count == 1) {
        take_key(context, worker, found.text);
    }
    return location.forward ? NGX_OK : remove_credentials(r, *location.sources, found);
}

namespace {

// Takes the key's record from what its connection remembers, or from the zone. What was found there; nothing: the zone has none.
const cache::Hit* take_record(RequestContext& context, Worker& worker, std::optional<cache::Hit>& found) {
    RememberedKeys& keys = worker.remembered_keys;
    HeldRecord* held = context.held;
    if (held == nullptr || !worker.zone.is_current(held->hit, held->view.id, held->view.account)) {
        if (!context.has_record) {
            context.let_go(); // or it could not be replaced
        }
        found = worker.zone.find(context.digest);
        held = found ? keys.remember_record(context.request, context.digest, worker.zone, *found) : nullptr;
    }
    if (held != nullptr) {
        context.take(*held);
        return &held->hit;
    }
    if (!found) {
        return nullptr;
    }
    const std::span<std::byte> room = context.room(found->packed_size);
    return !room.empty() && worker.zone.copy(*found, room) && context.take(room) ? &*found : nullptr;
}

} // namespace

void consult_cache(RequestContext& context, Worker& worker) {
    const std::uint64_t now = ngx_current_msec;
    const bool was_missed = context.cache == CacheResult::miss;
    context.store = StoreAnswer::not_asked;
    context.cache = was_missed ? CacheResult::miss : CacheResult::none;
    std::optional<cache::Hit> found;
    if (const cache::Hit* const hit = take_record(context, worker, found)) {
        context.cell = hit->cell;
        context.generation = hit->generation;
        context.fetched_ms = hit->fetched_ms;
        context.store_now_ms = hit->store_now_ms;
        context.confirmed_ms = worker.changes.confirmed_ms(hit->fetched_ms);
        if (now < context.confirmed_ms + cache::ChangeLog::trusted_for_ms) {
            context.store = StoreAnswer::found;
            context.cache = was_missed ? CacheResult::miss : CacheResult::hit;
        }
        return;
    }
    if (worker.zone.is_unknown(context.digest, now)) {
        context.store = StoreAnswer::unknown;
        context.cache = CacheResult::negative;
    }
}

std::optional<Reason> decide_here(const RequestContext& context, const MainConfiguration& main, const LocationConfiguration& location) {
    DecisionInput input;
    input.address_blocked = context.address_blocked;
    input.credentials = context.credentials;
    input.well_formed = context.type != nullptr;
    input.declared_type = context.type != nullptr ? std::string_view(context.type->name) : std::string_view();
    input.type_is_allowed = is_type_in(main, context.type, location.types);
    input.store = context.store;
    input.record = context.record;
    input.now_ms = context.store_clock_ms(ngx_current_msec);
    if (context.has_record && !context.record->allowed_ips.empty()) {
        input.address = client_address(context.request);
    }
    return decide(input);
}

const RequestContext* context_before_decision(ngx_http_request_t* r) {
    const LocationConfiguration& location = location_configuration(r);
    Worker* const the_worker = worker();
    RequestContext* context = location.types != 0 && the_worker != nullptr && r == r->main ? get_context(r) : nullptr;
    if (context == nullptr || context->progress != Progress::fresh || read_credential(*context, *the_worker, location) != NGX_OK) {
        return nullptr;
    }
    if (context->type != nullptr && !context->has_record) {
        consult_cache(*context, *the_worker);
    }
    return decide_here(*context, the_worker->configuration, location) == Reason::none ? context : nullptr;
}

} // namespace api_key::module
