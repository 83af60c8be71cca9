// How the shared memory is laid out: fixed-size cells in cache lines, indexes instead of pointers, nothing that a process killed at
// any instruction could leave unreadable. Raise `layout_version` with every change here.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/digest.h"

namespace api_key::cache {

inline constexpr std::uint64_t zone_magic = 0x3130'7965'6b69'7061; // "apikey01"
inline constexpr std::uint32_t layout_version = 1;
inline constexpr std::size_t cache_line = 64;
inline constexpr std::size_t cell_size = 7 * cache_line;
inline constexpr std::size_t ways = 8;          // cells of one set
inline constexpr std::size_t negative_ways = 4; // negative cells of one set

// One cached key. Readers take no lock: they copy, and the copy counts only if `sequence` was even and is still the same.
struct alignas(cache_line) Cell {
    std::atomic<std::uint32_t> sequence; // odd while somebody writes, or after he was killed doing so
    std::uint32_t packed_size;           // 0: empty
    Digest digest;                       // SHA-256 of the key
    std::uint64_t key_id;
    std::uint64_t account;
    std::uint64_t generation;           // of the zone when the store was asked
    std::uint64_t fetched_ms;           // monotonic, when the store was asked
    std::int64_t store_now_ms;          // the store's clock then
    std::uint32_t first_block;          // overflow block + 1; 0: none
    std::atomic<std::uint32_t> used_s;  // monotonic, last use
    std::atomic<std::uint64_t> told_ms; // monotonic, when a use was last reported to the store
    std::array<std::byte, cell_size - 96> packed;
};
static_assert(sizeof(Cell) == cell_size);

// Where a set's digests are looked for first: one cache line instead of eight.
struct alignas(cache_line) Set {
    std::array<std::atomic<std::uint32_t>, ways> tags; // 0: empty
    std::array<std::byte, cache_line - ways * sizeof(std::uint32_t)> unused;
};
static_assert(sizeof(Set) == cache_line);

// A key that nobody has.
struct alignas(cache_line) NegativeCell {
    std::atomic<std::uint32_t> sequence;
    std::uint32_t used;
    Digest digest;
    std::uint64_t generation;
    std::uint64_t until_ms;
};
static_assert(sizeof(NegativeCell) == cache_line);

// The part of a long record that does not fit into its cell.
struct alignas(cache_line) Block {
    std::uint32_t next; // block + 1; 0: the last
    std::array<std::byte, 4 * cache_line - sizeof(std::uint32_t)> bytes;
};
static_assert(sizeof(Block) == 4 * cache_line);

struct alignas(cache_line) Header {
    std::atomic<std::uint64_t> magic; // written last
    std::uint32_t version;
    std::uint32_t cell_bytes;
    std::uint64_t zone_bytes;
    std::uint32_t set_count;
    std::uint32_t negative_set_count;
    std::uint32_t block_count;
    std::uint32_t stamp_count; // a power of two
    std::uint32_t free_block;  // first of the free list, block + 1; 0: none
    std::uint32_t hand;        // where the search for blocks to free goes on

    // Every change takes the next generation and leaves it as a stamp at its key or account. A cell is valid when the store was asked for
    // it at or after the stamps that concern it: an answer that was on its way while its key changed can never come to life.
    alignas(cache_line) std::atomic<std::uint64_t> generation;
    std::atomic<std::uint64_t> everything_stamp;

    // What is known of the store's changes; see change_log.h.
    std::atomic<std::uint64_t> confirmed_ms;
    std::atomic<std::uint64_t> sequence;
    std::atomic<std::uint64_t> behind_since_ms;
    std::atomic<std::uint64_t> epoch_tag;
    std::atomic<std::uint64_t> heartbeat_due_ms;
};

} // namespace api_key::cache
