// Plain memory in place of nginx's shared memory.
#pragma once

#include <cstdlib>
#include <memory>
#include <span>

#include "cache/zone.h"

namespace test {

inline constexpr std::size_t zone_size = 512 * 1024;

struct Freer {
    void operator()(std::byte* memory) const { std::free(memory); }
};

struct Memory {
    std::unique_ptr<std::byte, Freer> bytes{static_cast<std::byte*>(std::aligned_alloc(4096, zone_size))};
    std::span<std::byte> span() const { return {bytes.get(), zone_size}; }
};

inline api_key::cache::Mutex no_mutex() {
    return {nullptr, [](void*) {}, [](void*) {}};
}

} // namespace test
