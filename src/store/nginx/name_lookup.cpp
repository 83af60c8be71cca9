#include "store/nginx/name_lookup.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace api_key::store {

void NameLookup::start(const Endpoint& endpoint) {
    cancel();
    server_ = {};
    server_.endpoint = endpoint;
    turn_++;
    const bool is_unix_socket = endpoint.host.empty();
    if (take_literal() || ((names_.resolver == nullptr || is_unix_socket) && take_known())) {
        return owner_.resolved(server_);
    }
    if (names_.resolver == nullptr) {
        return owner_.not_resolved("its name cannot be resolved: no resolver is configured");
    }
    ask();
}

void NameLookup::cancel() {
    if (query_ != nullptr) {
        ngx_resolve_name_done(std::exchange(query_, nullptr));
    }
}

void NameLookup::take(const sockaddr* address, socklen_t size) {
    server_.size = size;
    std::memcpy(&server_.address, address, std::min<std::size_t>(size, sizeof server_.address));
}

bool NameLookup::take_literal() {
    const std::string& host = server_.endpoint.host;
    sockaddr_in ipv4{};
    sockaddr_in6 ipv6{};
    if (inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) == 1) {
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(server_.endpoint.port);
        take(reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
        return true;
    }
    if (inet_pton(AF_INET6, host.c_str(), &ipv6.sin6_addr) == 1) {
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(server_.endpoint.port);
        take(reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
        return true;
    }
    return false;
}

// Covers the unix socket too, which has no host.
bool NameLookup::take_known() {
    const auto known =
        std::find_if(names_.known.begin(), names_.known.end(), [&](const Names::Known& one) { return one.endpoint == server_.endpoint; });
    if (known == names_.known.end() || known->addresses.empty()) {
        return false;
    }
    const ngx_addr_t& address = known->addresses[turn_ % known->addresses.size()];
    take(address.sockaddr, address.socklen);
    return true;
}

void NameLookup::ask() {
    ngx_resolver_ctx_t question{};
    ngx_str_t name{server_.endpoint.host.size(), reinterpret_cast<u_char*>(server_.endpoint.host.data())};
    question.name = name;
    query_ = ngx_resolve_start(names_.resolver, &question);
    if (query_ == nullptr || query_ == NGX_NO_RESOLVER) {
        query_ = nullptr;
        return owner_.not_resolved("its name cannot be resolved");
    }
    query_->name = name;
    query_->handler = answered;
    query_->data = this;
    query_->timeout = names_.resolver_timeout_ms;
    if (ngx_resolve_name(query_) != NGX_OK) {
        query_ = nullptr; // nginx has freed it
        owner_.not_resolved("its name cannot be resolved");
    }
}

void NameLookup::answered(ngx_resolver_ctx_t* query) {
    auto& lookup = *static_cast<NameLookup*>(query->data);
    lookup.query_ = nullptr;
    if (query->state != NGX_OK || query->naddrs == 0) {
        const std::string problem = std::string("its name cannot be resolved: ") + ngx_resolver_strerror(query->state);
        ngx_resolve_name_done(query);
        return lookup.owner_.not_resolved(problem.c_str());
    }
    const ngx_resolver_addr_t& address = query->addrs[lookup.turn_ % query->naddrs];
    lookup.take(address.sockaddr, address.socklen);
    ngx_inet_set_port(&lookup.server_.address.sockaddr, lookup.server_.endpoint.port);
    ngx_resolve_name_done(query);
    lookup.owner_.resolved(lookup.server_);
}

} // namespace api_key::store
