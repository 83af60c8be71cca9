// The record of a key, as a connection remembers it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cache/zone.h"
#include "core/policy/record.h"

namespace api_key::module {

inline constexpr RecordView no_record{};

// A record in the memory of a connection. With HTTP/2 several requests may read it, so it is only replaced when none does.
struct HeldRecord {
    static constexpr std::size_t max_size = 1024; // packed

    std::uint32_t readers = 0;
    std::uint32_t size; // of the room behind it
    cache::Hit hit;     // where it was found, and when
    RecordView view;

    std::span<std::byte> room() { return {reinterpret_cast<std::byte*>(this + 1), size}; }
};

} // namespace api_key::module
