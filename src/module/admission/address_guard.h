// Addresses that try too many wrong keys are refused for a while (`api_key_block`).
#pragma once

#include <optional>

#include "cache/addresses.h"
#include "core/policy/cidr.h"
#include "module/request/request.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

// The client's address, as the realip module may have set it; nothing for a UNIX-domain socket.
std::optional<Address> client_address(ngx_http_request_t* r);

class AddressGuard {
  public:
    explicit AddressGuard(Worker& worker);

    bool is_blocked(const Address& address) const { return addresses_.is_blocked(network_of(address), ngx_current_msec); }

    // A wrong key was presented. True when the request has to be suspended until the store has counted it.
    bool count(RequestContext& context, const store::BlockRule& rule);

    // The store's list has this version: reads it when it is another than the node's.
    void follow(std::uint64_t version);

  private:
    static void counted(void* context, store::Flow& flow);
    static void list_read(void* context, store::Flow& flow);

    Worker& worker_;
    cache::Addresses addresses_;
    bool reading_ = false;
    std::uint64_t asked_ms_ = 0;
};

} // namespace api_key::module
