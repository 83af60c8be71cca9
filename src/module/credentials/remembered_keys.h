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
        std::uint8_t type; // index of the declared type
    };

    // Null when the connection sent another key before, or none.
    const Key* find(ngx_http_request_t* r, std::string_view text) const;
    void remember(ngx_http_request_t* r, std::string_view text, const Key& key);

    // The record of this key, as the connection has it. Null when it has none, or sent another key since.
    HeldRecord* find_record(ngx_http_request_t* r, const Digest& digest) const;

    // Copies the record that was found for this key. Null when the connection cannot hold it, or the zone has just changed it.
    HeldRecord* remember_record(ngx_http_request_t* r, const Digest& digest, const cache::Zone& zone, const cache::Hit& hit);

  private:
    // Padded with zeros to whole words, so that a comparison takes the same time for every key, and few instructions.
    using Text = std::array<std::uint64_t, (key_prefix_max_length + key_body_length + 7) / 8>;

    struct alignas(64) Slot {
        ngx_atomic_uint_t connection_number;
        std::uint8_t length; // 0: empty
        Key key;
        Text text;
        HeldRecord* record; // in the connection's pool
    };

    static Text padded(std::string_view text);
    Slot* slot_with(ngx_http_request_t* r, const Digest& digest) const;
    static HeldRecord* make_record(ngx_connection_t& connection, std::size_t size);
    Slot* slot_of(ngx_http_request_t* r) const;

    PrivateMemory memory_;
    std::span<Slot> slots_;
};

} // namespace api_key::module
