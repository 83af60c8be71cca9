// Refuses addresses that try too many wrong keys for a while (`api_key_block`).
#pragma once

#include "cache/addresses.h"
#include "core/policy/cidr.h"
#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"
#include "store/flows/block_flows.h"

namespace api_key::module {

class AddressGuard {
  public:
    AddressGuard(StoreLink& link, cache::Zone& zone) : link_(link), addresses_(zone) {}

    bool is_blocked(const Address& address) const { return addresses_.is_blocked(network_of(address), ngx_current_msec); }

    // Counts a wrong key: the request waits until the store has counted it.
    Verdict count(RequestContext& context, const store::BlockRule& rule);

    // The store's list has this version: reads the list if the node's is another one.
    void follow(std::uint64_t version);

  private:
    using Call = PendingCall<AddressGuard>;

    void counted(Call& call, const store::CountFailure& flow);
    void list_read(const store::ReadBlocks& list);

    StoreLink& link_;
    cache::Addresses addresses_;
    bool reading_ = false;
    std::uint64_t asked_ms_ = 0;
};

} // namespace api_key::module
