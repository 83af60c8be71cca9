// Shared by the tables of the zone: hashing to an index, and the seqlock of an entry.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace api_key::cache {

// The upper half of a hash, scaled to [0, count).
inline std::size_t scale(std::uint64_t hash, std::uint32_t count) {
    return static_cast<std::size_t>(((hash >> 32U) * count) >> 32U);
}

inline std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 32U)) * 0xd6e8'feb8'6659'fd93;
    return value ^ (value >> 32U);
}

// A writer that was killed leaves the sequence odd: the next one goes on from there.
inline std::uint32_t begin_write(std::atomic<std::uint32_t>& sequence) {
    const std::uint32_t odd = sequence.load(std::memory_order_relaxed) | 1U;
    sequence.store(odd, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    return odd;
}

inline void end_write(std::atomic<std::uint32_t>& sequence, std::uint32_t odd) {
    sequence.store(odd + 1, std::memory_order_release);
}

inline bool is_unchanged(const std::atomic<std::uint32_t>& sequence, std::uint32_t before) {
    std::atomic_thread_fence(std::memory_order_acquire);
    return sequence.load(std::memory_order_relaxed) == before;
}

} // namespace api_key::cache
