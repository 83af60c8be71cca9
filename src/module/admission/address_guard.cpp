#include "module/admission/address_guard.h"

#include <memory>

#include "module/ngx/client_address.h"

namespace api_key::module {

namespace {

std::uint64_t hash_of(const Digest& digest) {
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

} // namespace

Verdict AddressGuard::count(RequestContext& context, const store::BlockRule& rule) {
    const std::optional<Address> address = client_address(context.request);
    const std::uint64_t hash = hash_of(context.digest);
    if (!address || context.attempt_counted || addresses_.was_counted(network_of(*address), hash, ngx_current_msec)) {
        return Verdict::pass();
    }
    context.attempt_counted = true;
    auto call = std::make_unique<Call>(*this, context);
    if (link_.run<store::CountFailure>(Lane::requests, done<&AddressGuard::counted>, call.get(), network_of(*address), hash, rule) ==
        nullptr) {
        return Verdict::pass();
    }
    context.waits_for = call.release();
    addresses_.remember_counted(network_of(*address), hash, ngx_current_msec);
    return Verdict::wait();
}

void AddressGuard::counted(Call& call, const store::CountFailure& flow) {
    const std::unique_ptr<Call> ended(&call);
    if (flow.outcome() != store::Outcome::done) {
        link_.operation_failed(flow.reason());
    } else if (flow.blocked_for_ms() != 0) {
        addresses_.block({flow.network(), ngx_current_msec + static_cast<std::uint64_t>(flow.blocked_for_ms())});
    }
    if (call.context != nullptr) {
        resume(*call.context);
    }
}

void AddressGuard::follow(std::uint64_t version) {
    if (version == addresses_.version() || reading_) {
        return;
    }
    asked_ms_ = ngx_current_msec;
    reading_ = link_.run<store::ReadBlocks>(Lane::requests, done<&AddressGuard::list_read>, this) != nullptr;
}

void AddressGuard::list_read(const store::ReadBlocks& list) {
    reading_ = false;
    if (list.outcome() != store::Outcome::done) {
        link_.operation_failed(list.reason());
        return;
    }
    std::vector<cache::NetworkBlock> blocks;
    for (const store::BlockedNetwork& one : list.blocks()) {
        blocks.push_back({one.network, asked_ms_ + static_cast<std::uint64_t>(one.until_ms - list.store_now_ms())});
    }
    addresses_.replace(blocks, list.version());
}

} // namespace api_key::module
