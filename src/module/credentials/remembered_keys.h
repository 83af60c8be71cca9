// Caches the last key of each connection with its digest, and its record as it was found in the zone, so that the same key again costs a
// comparison instead of a SHA-256, a search and a copy. Whether the record is still current is asked of the zone at each request.
//
// There is one fixed slot per connection of the worker, kept out of core dumps; the connection's number shows whether it is still the same
// one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/secrets/digest.h"
#include "core/secrets/key_text.h"
#include "core/secrets/private_memory.h"
#include "module/ngx/ngx.h"
#include "module/request/held_record.h"

namespace api_key::module {

class RememberedKeys {
  public:
    explicit RememberedKeys(std::size_t connections);

    struct Key {
        Digest digest;
        std::uint8_t type;            // index of the declared type
        HeldRecord* record = nullptr; // as it was found last
    };

    // Null when the connection sent another key before, or none.
    const Key* find(ngx_http_request_t* r, std::string_view text) const;
    void remember(ngx_http_request_t* r, std::string_view text, const Key& key);

    // Copies the record that was found for this key. Null when the connection cannot hold it or sent another key since, or the zone has
    // just changed it.
    HeldRecord* remember_record(ngx_http_request_t* r, const Digest& digest, const cache::Zone& zone, const cache::Hit& hit);

  private:
    static constexpr std::size_t word_size = sizeof(std::uint64_t);

    struct alignas(64) Slot {
        ngx_atomic_uint_t connection_number;
        HeldRecord* room; // for the key's record, in the connection's pool; null: none yet
        Key key;
        std::uint8_t length; // 0: empty
        std::array<char, key_prefix_max_length + key_body_length> text;
    };

    static bool is_same(std::string_view text, const Slot& slot);
    Slot* slot_with(ngx_http_request_t* r, const Digest& digest) const;
    static HeldRecord* make_record(ngx_connection_t& connection, std::size_t size);
    Slot* slot_of(ngx_http_request_t* r) const;

    PrivateMemory memory_;
    std::span<Slot> slots_;
};

} // namespace api_key::module
