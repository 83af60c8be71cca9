#include "module/admission/key_lookup.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t negative_for_ms = 10'000;
constexpr unsigned max_attempts = 3; // a key that changes faster than it can be read is refused as unavailable

} // namespace

Verdict KeyLookups::ask(RequestContext& context) {
    std::unique_ptr<Lookup>& lookup = running_[context.digest];
    if (!lookup) {
        lookup = std::make_unique<Lookup>(*this, context.digest);
        if (!ask_store(*lookup)) {
            running_.erase(context.digest);
            return Reason::store_unavailable;
        }
    }
    lookup->add(context);
    return Verdict::wait();
}

bool KeyLookups::ask_store(Lookup& lookup) {
    const Peppers& peppers = *main_.peppers;
    lookup.attempts++;
    lookup.generation = zone_.generation();
    lookup.asked_ms = ngx_current_msec;
    lookup.operation =
        link_.run<store::LookupKey>(Lane::requests, done<&KeyLookups::answer>, &lookup, peppers.digests(lookup.digest), &peppers);
    return lookup.operation != nullptr;
}

void KeyLookups::answer(Lookup& lookup, store::LookupKey& flow) {
    lookup.operation = nullptr;
    check_answer(flow);
    if (flow.outcome() == store::Outcome::done && is_read_again(lookup, flow)) {
        return;
    }
    if (flow.outcome() == store::Outcome::done) {
        const store::Found& found = flow.found();
        log_ineffective_limit(found.key);
        zone_.fill(lookup.digest, {found.key, found.secret_until_ms, lookup.generation, lookup.asked_ms, found.store_now_ms});
    } else if (flow.outcome() == store::Outcome::not_found) {
        zone_.fill_unknown(lookup.digest, lookup.generation, ngx_current_msec, negative_for_ms);
    }
    for (RequestContext* context : lookup.waiting) {
        deliver(*context, lookup, flow);
        resume(*context);
    }
    end(lookup);
}

// With another pepper than the store's no key is found, so none may be reported as unknown.
void KeyLookups::check_answer(store::LookupKey& flow) {
    if (flow.is_of_another_pepper()) {
        store_check_.report_pepper(flow.reason());
    } else if (flow.outcome() == store::Outcome::not_found && store_check_.is_pepper_wrong()) {
        flow.fail("the pepper does not match the one known to Redis");
    } else if (flow.outcome() == store::Outcome::unavailable) {
        link_.operation_failed(flow.reason());
    }
    if (flow.outcome() == store::Outcome::done) {
        store::Found& found = flow.found();
        found.key.active = found.key.active && found.account_active;
        if (found.key.plan.empty()) {
            found.key.plan = found.account_plan;
        }
    }
}

// Reads a key again that changed while it was read; true when the answer is still to come.
bool KeyLookups::is_read_again(Lookup& lookup, store::LookupKey& flow) {
    const KeyRecord& key = flow.found().key;
    if (!zone_.changed_since(lookup.generation, key.id, key.account)) {
        return false;
    }
    if (lookup.attempts < max_attempts && ask_store(lookup)) {
        return true;
    }
    flow.fail("the key changed while it was read");
    return false;
}

void KeyLookups::deliver(RequestContext& context, const Lookup& lookup, store::LookupKey& flow) {
    if (flow.outcome() == store::Outcome::not_found) {
        context.store = StoreAnswer::unknown;
        return;
    }
    context.store = StoreAnswer::unavailable;
    if (flow.outcome() != store::Outcome::done) {
        return;
    }
    const store::Found& found = flow.found();
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

// A monthly limit has no effect where no request costs anything, which the owner of the key may not expect.
void KeyLookups::log_ineffective_limit(const KeyRecord& key) {
    if (key.monthly_limit_micro_credits && !main_.charges && !std::exchange(ineffective_limit_logged_, true)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "api_key: key %uL has a monthly limit, but no request is charged: neither api_key_meter with api_key_prices "
                      "nor api_key_cost is used",
                      key.id);
    }
}

void KeyLookups::forget(Lookup& lookup, RequestContext& context) {
    std::erase(lookup.waiting, &context);
    if (lookup.waiting.empty()) {
        link_.client(Lane::requests).abandon(lookup.operation);
        end(lookup);
    }
}

} // namespace api_key::module
