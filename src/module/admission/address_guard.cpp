#include "module/admission/address_guard.h"

#include <memory>

#include "module/admission/key_lookup.h"
#include "module/worker.h"
#include "store/flows/block_flows.h"

namespace api_key::module {

namespace {

std::uint64_t hash_of(const Digest& digest) {
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

} // namespace

std::optional<Address> client_address(ngx_http_request_t* r) {
    const sockaddr* address = r->connection->sockaddr;
    if (address->sa_family == AF_INET) {
        const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(address);
        return address_from_ipv4(std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&ipv4->sin_addr), 4));
    }
#if (NGX_HAVE_INET6)
    if (address->sa_family == AF_INET6) {
        Address ipv6{};
        std::memcpy(ipv6.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, ipv6.size());
        return ipv6;
    }
#endif
    return std::nullopt;
}

AddressGuard::AddressGuard(Worker& worker) : worker_(worker), addresses_(worker.zone) {}

bool AddressGuard::count(RequestContext& context, const store::BlockRule& rule) {
    const std::optional<Address> address = client_address(context.request);
    const std::uint64_t hash = hash_of(context.digest);
    if (!address || context.attempt_counted || addresses_.was_counted(network_of(*address), hash, ngx_current_msec)) {
        return false;
    }
    context.attempt_counted = true;
    auto errand = std::make_unique<Errand>(Errand{worker_, &context});
    const store::Operation* operation = worker_.client->run(
        std::make_unique<store::CountFailure>(*worker_.configuration.keyspace, network_of(*address), hash, rule), counted, errand.get());
    if (operation == nullptr) {
        return false;
    }
    context.errand = errand.release();
    addresses_.remember_counted(network_of(*address), hash, ngx_current_msec);
    return true;
}

void AddressGuard::counted(void* data, store::Flow& flow) {
    const std::unique_ptr<Errand> errand(static_cast<Errand*>(data));
    const auto& counted = static_cast<const store::CountFailure&>(flow);
    if (flow.outcome() != store::Outcome::done) {
        errand->worker.operation_failed(flow.reason());
    } else if (counted.blocked_for_ms() != 0) {
        errand->worker.guard.addresses_.block({counted.network(), ngx_current_msec + static_cast<std::uint64_t>(counted.blocked_for_ms())});
    }
    if (errand->context != nullptr) {
        RequestContext& context = *errand->context;
        context.errand = nullptr;
        context.progress = Progress::answered;
        resume(context);
    }
}

void AddressGuard::follow(std::uint64_t version) {
    if (version == addresses_.version() || reading_) {
        return;
    }
    asked_ms_ = ngx_current_msec;
    reading_ = worker_.client->run(std::make_unique<store::ReadBlocks>(*worker_.configuration.keyspace), list_read, this) != nullptr;
}

void AddressGuard::list_read(void* context, store::Flow& flow) {
    auto& self = *static_cast<AddressGuard*>(context);
    const auto& list = static_cast<const store::ReadBlocks&>(flow);
    self.reading_ = false;
    if (flow.outcome() != store::Outcome::done) {
        self.worker_.operation_failed(flow.reason());
        return;
    }
    std::vector<cache::NetworkBlock> blocks;
    for (const store::BlockedNetwork& one : list.blocks()) {
        blocks.push_back({one.network, self.asked_ms_ + static_cast<std::uint64_t>(one.until_ms - list.store_now_ms())});
    }
    self.addresses_.replace(blocks, list.version());
}

} // namespace api_key::module
