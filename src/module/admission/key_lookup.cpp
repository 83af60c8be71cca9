#include "module/admission/key_lookup.h"

#include "module/admission/limits.h"
#include "module/admission/money.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t negative_for_ms = 10'000;
constexpr unsigned most_attempts = 3; // a key that changes faster than it can be read is refused as unavailable

void run_phases(ngx_event_t* event) {
    auto* r = static_cast<RequestContext*>(event->data)->request;
    ngx_connection_t* connection = r->connection;
    ngx_http_set_log_request(connection->log, r);
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(connection);
}

void deliver(RequestContext& context, const Lookup& lookup, const store::Flow& flow, const store::Found& found) {
    context.lookup = nullptr;
    context.progress = Progress::answered;
    if (flow.outcome() == store::Outcome::not_found) {
        context.store = StoreAnswer::unknown;
        return;
    }
    context.store = StoreAnswer::unavailable;
    if (flow.outcome() != store::Outcome::done) {
        return;
    }
    const std::span<std::byte> room = context.room(packed_size(found.key));
    const std::size_t size = pack(found.key, found.secret_until_ms, room);
    if (context.take(room.first(size))) {
        context.store = StoreAnswer::found;
        context.generation = lookup.generation;
        context.fetched_ms = lookup.asked_ms;
        context.confirmed_ms = lookup.asked_ms;
        context.store_now_ms = found.store_now_ms;
    }
}

} // namespace

ngx_int_t suspend(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    context.progress = Progress::waiting;
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);
    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return NGX_AGAIN;
}

void resume(RequestContext& context) {
    context.resume.handler = run_phases;
    context.resume.data = &context;
    context.resume.log = context.request->connection->log;
    ngx_post_event(&context.resume, &ngx_posted_events);
}

bool Lookups::wait(RequestContext& context) {
    std::unique_ptr<Lookup>& lookup = running_[context.digest];
    if (!lookup) {
        lookup.reset(new Lookup{worker_, context.digest, 0, 0, 0, {}, nullptr});
        if (!ask(*lookup)) {
            running_.erase(context.digest);
            return false;
        }
    }
    context.lookup = lookup.get();
    lookup->waiting.push_back(&context);
    return true;
}

bool Lookups::ask(Lookup& lookup) {
    const Peppers& peppers = *worker_.configuration.peppers;
    std::vector<Digest> digests;
    for (std::size_t index = 0; index < peppers.size(); index++) {
        if (const auto digest = peppers.digest(index, lookup.digest)) {
            digests.push_back(*digest);
        }
    }
    lookup.attempts++;
    lookup.generation = worker_.zone.generation();
    lookup.asked_ms = ngx_current_msec;
    lookup.operation = worker_.client->run(
        std::make_unique<store::LookupKey>(*worker_.configuration.keyspace, std::move(digests), &peppers), done, &lookup);
    return lookup.operation != nullptr;
}

void Lookups::done(void* context, store::Flow& flow) {
    auto& lookup = *static_cast<Lookup*>(context);
    lookup.worker.lookups.answer(lookup, flow);
}

void Lookups::answer(Lookup& lookup, store::Flow& flow) {
    store::Found& found = static_cast<store::LookupKey&>(flow).found();
    cache::Zone& zone = worker_.zone;
    lookup.operation = nullptr;
    if (static_cast<const store::LookupKey&>(flow).is_of_another_pepper()) {
        worker_.store_check.tell_pepper(flow.reason());
    } else if (flow.outcome() == store::Outcome::not_found && worker_.store_check.is_pepper_wrong()) {
        flow.fail("the pepper is another than the store's");
    } else if (flow.outcome() == store::Outcome::unavailable) {
        worker_.operation_failed(flow.reason());
    }
    if (flow.outcome() == store::Outcome::done) {
        found.key.active = found.key.active && found.account_active;
        if (found.key.plan.empty()) {
            found.key.plan = found.account_plan;
        }
        if (zone.changed_since(lookup.generation, found.key.id, found.key.account)) {
            if (lookup.attempts < most_attempts && ask(lookup)) {
                return;
            }
            flow.fail("the key changed while it was read");
        } else {
            tell_of_dead_limit(found.key);
            zone.fill(lookup.digest, {found.key, found.secret_until_ms, lookup.generation, lookup.asked_ms, found.store_now_ms});
        }
    } else if (flow.outcome() == store::Outcome::not_found) {
        zone.fill_unknown(lookup.digest, lookup.generation, ngx_current_msec, negative_for_ms);
    }
    for (RequestContext* context : lookup.waiting) {
        deliver(*context, lookup, flow, found);
        resume(*context);
    }
    end(lookup);
}

// Nothing is spent where nothing costs anything: its owner may think otherwise.
void Lookups::tell_of_dead_limit(const KeyRecord& key) {
    if (key.monthly_limit_micro_credits && !worker_.configuration.charges && !std::exchange(dead_limit_told_, true)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "api_key: key %uL has a monthly limit, and no request costs anything: there is neither api_key_meter with "
                      "api_key_prices nor api_key_cost",
                      key.id);
    }
}

void Lookups::end(Lookup& lookup) {
    running_.erase(Digest(lookup.digest));
}

void stop_waiting(RequestContext& context) {
    if (context.resume.posted) {
        ngx_delete_posted_event(&context.resume);
    }
    if (Errand* errand = std::exchange(context.errand, nullptr)) {
        errand->context = nullptr;
    }
    if (PendingGrant* pending = std::exchange(context.pending_grant, nullptr)) {
        std::erase(pending->waiting, &context);
    }
    if (KeyPurse* purse = std::exchange(context.waiting_for, nullptr)) {
        std::erase(purse->waiting, &context);
    }
    if (context.session_lookup != nullptr) {
        context.session_lookup->worker.sessions.forget(context);
    }
    Lookup* lookup = std::exchange(context.lookup, nullptr);
    if (lookup == nullptr) {
        return;
    }
    std::erase(lookup->waiting, &context);
    if (lookup->waiting.empty()) {
        lookup->worker.client->abandon(lookup->operation);
        lookup->worker.lookups.end(*lookup);
    }
}

} // namespace api_key::module
