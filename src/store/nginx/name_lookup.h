// Resolves a server's name: a literal at once; a name by nginx's resolver each time or, if none is configured, as it was resolved when the
// configuration was read.
#pragma once

#include <string>
#include <vector>

#include "store/nginx/server.h"

namespace api_key::store {

// The names resolved at configuration time, and the resolver. Lives as long as the cycle.
struct Names {
    struct Known {
        Endpoint endpoint;
        std::vector<ngx_addr_t> addresses;
    };
    std::vector<Known> known;
    ngx_resolver_t* resolver = nullptr; // null: none is configured
    ngx_msec_t resolver_timeout_ms = 0;
};

class NameLookup {
  public:
    struct Owner {
        virtual void resolved(const Server& server) = 0;
        virtual void not_resolved(const char* problem) = 0;

      protected:
        ~Owner() = default;
    };

    NameLookup(const Names& names, Owner& owner) : names_(names), owner_(owner) {}
    ~NameLookup() { cancel(); }
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    // Resolves one name at a time. May call the owner from inside.
    void start(const Endpoint& endpoint);
    void cancel();

  private:
    static void answered(ngx_resolver_ctx_t* query);
    bool take_literal();
    bool take_known();
    void ask();
    void take(const sockaddr* address, socklen_t size);

    const Names& names_;
    Owner& owner_;
    Server server_;
    ngx_resolver_ctx_t* query_ = nullptr;
    std::size_t turn_ = 0; // which of several addresses
};

} // namespace api_key::store
