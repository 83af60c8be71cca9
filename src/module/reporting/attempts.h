// Records failed attempts at the management API in the security log, the same one once a minute.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "module/node/store_link.h"
#include "module/request/request.h"
#include "store/flows/audit_flows.h"

namespace api_key::module {

class Attempts {
  public:
    Attempts(StoreLink& link, const Peppers& peppers) : link_(link), peppers_(peppers) {}

    // Call when the management API refused a request that presented a key.
    void note(const RequestContext& context);

  private:
    struct Recent {
        std::size_t hash = 0;
        std::uint64_t at_ms = 0; // monotonic
    };

    bool is_repeated(std::size_t hash);
    void noted(const store::NoteAttempt& note);

    StoreLink& link_;
    const Peppers& peppers_;
    std::array<Recent, 256> recent_{}; // recent ones, so that a flood costs the store nothing
};

} // namespace api_key::module
