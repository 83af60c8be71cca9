// How the shared memory is laid out: fixed-size cells in cache lines, indexes instead of pointers, nothing that a process killed at
// any instruction could leave unreadable. Raise `layout_version` with every change here.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/logs/logged_request.h"
#include "core/policy/cidr.h"
#include "core/policy/limits.h"
#include "core/secrets/digest.h"

namespace api_key::cache {

inline constexpr std::uint64_t zone_magic = 0x3130'7965'6b69'7061; // "apikey01"
inline constexpr std::uint32_t layout_version = 12;
inline constexpr std::size_t cache_line = 64;
inline constexpr std::size_t cell_size = 5 * cache_line;
inline constexpr std::size_t ways = 8;          // cells of one set
inline constexpr std::size_t negative_ways = 4; // negative cells of one set
inline constexpr std::size_t allowance_ways = 4;
inline constexpr std::size_t address_ways = 4; // blocked addresses of one set
inline constexpr std::size_t attempt_ways = 8; // failed attempts of one set
inline constexpr std::size_t room_stamps = 256;

// One cached key, a seqlock: a copy is valid if `sequence` was even before and is unchanged after.
struct alignas(cache_line) Cell {
    std::atomic<std::uint32_t> sequence; // odd during a write, or after its writer was killed
    std::uint32_t packed_size;           // 0: empty
    Digest digest;                       // SHA-256 of the key
    std::uint64_t key_id;
    std::uint64_t account;
    std::uint64_t generation;           // of the zone when the store was asked
    std::uint64_t fetched_ms;           // monotonic, when the store was asked
    std::int64_t store_now_ms;          // the store's clock then
    std::uint32_t first_block;          // overflow block + 1; 0: none
    std::atomic<std::uint32_t> used_s;  // monotonic, last use
    std::atomic<bool> use_reported;     // its use was reported to the store
    std::atomic<bool> refusal_reported; // a refusal of it was reported to the store
    std::atomic<std::uint32_t> uses;    // since it was cached
    std::array<std::byte, cell_size - 96> packed;
};
static_assert(sizeof(Cell) == cell_size);

// The tags of a set, checked before its cells: one cache line instead of eight.
struct alignas(cache_line) Set {
    std::array<std::atomic<std::uint32_t>, ways> tags; // 0: empty
    std::array<std::byte, cache_line - ways * sizeof(std::uint32_t)> unused;
};
static_assert(sizeof(Set) == cache_line);

// A negative entry: a key that does not exist.
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

// Requests that the store has granted to this node for one key, and the state of its limits then. Spent without a lock through `state`
// alone; all else is written under the mutex, and `state` is 0 meanwhile: a process killed there leaves nothing to spend.
struct alignas(cache_line) Allowance {
    std::atomic<std::uint64_t> state;  // see allowances.cpp
    std::atomic<std::uint64_t> key_id; // 0: empty
    std::atomic<std::uint64_t> account;
    std::atomic<std::uint64_t> limits;           // fingerprint of the limits that it was granted under
    std::atomic<std::uint64_t> refused_until_ms; // monotonic; 0: not refused
    std::atomic<std::int64_t> charged_ms;        // the store's clock when what is left was charged
    std::atomic<std::int64_t> as_of_ms;          // the store's clock for the state of the limits below
    std::atomic<std::uint16_t> size;             // how many were granted in the same buckets
    std::atomic<std::uint8_t> charged;           // the buckets it was charged to; the store's bits
    std::atomic<std::uint8_t> refusing;          // Window + 1; 0: none
    std::array<std::atomic<std::int64_t>, window_count> used;
    std::array<std::atomic<std::uint16_t>, count_rolling(true)> rate_reset_ms;  // by reset_slot(), after as_of_ms
    std::array<std::atomic<std::uint32_t>, count_rolling(false)> quota_reset_s; // by reset_slot(), since 1970
};
static_assert(sizeof(Allowance) == 2 * cache_line && window_count == 6, "windows are stored here by their number: raise layout_version");

// Micro-credits that the store has reserved for one key at one worker. Written only by the owning worker; if that is killed, another worker
// adopts the slot. `reserved` is raised before `available` is lowered: whatever instruction the owner was killed at, nothing is missing.
struct alignas(cache_line) Purse {
    std::atomic<std::uint64_t> hold; // its id in the store; 0: empty
    std::atomic<std::uint64_t> key_id;
    std::atomic<std::uint64_t> account;
    std::atomic<std::int64_t> available;
    std::atomic<std::int64_t> reserved; // for requests that are not settled
    std::atomic<std::int64_t> spent;    // since it was opened
    std::atomic<std::uint32_t> owner;   // process id
    std::atomic<std::uint32_t> number;  // of the last report to the store
};
static_assert(sizeof(Purse) == cache_line);

// One cell of the ring; see request_ring.h.
struct alignas(cache_line) RequestCell {
    std::atomic<std::uint64_t> sequence;
    LoggedRequest request;
};
static_assert(sizeof(RequestCell) == 8 * cache_line);

// The counters of one worker; see metrics.h.
struct alignas(cache_line) MetricsSlot {
    static constexpr std::size_t counter_count = 64;
    static constexpr std::size_t histogram_count = 3;
    static constexpr std::size_t histogram_size = 16; // buckets and a sum

    std::array<std::atomic<std::uint64_t>, counter_count> counters;
    std::array<std::array<std::atomic<std::uint64_t>, histogram_size>, histogram_count> histograms;
};
static_assert(sizeof(MetricsSlot) == 14 * cache_line, "counters are stored here by their number: raise layout_version");

// A blocked address.
struct BlockedAddress {
    std::atomic<std::uint32_t> sequence;
    std::uint32_t round; // of the list that named it; see addresses.h
    Address network;
    std::uint64_t until_ms; // monotonic; 0: empty
};
static_assert(sizeof(BlockedAddress) == 32);

struct alignas(cache_line) AddressSet {
    std::array<BlockedAddress, address_ways> blocked;
    std::array<std::atomic<std::uint64_t>, attempt_ways> attempts; // 40 bits of a hash, 24 of the second it was counted
};
static_assert(sizeof(AddressSet) == 3 * cache_line);

struct alignas(cache_line) Header {
    std::atomic<std::uint64_t> magic; // written last
    std::uint32_t version;
    std::uint32_t cell_bytes;
    std::uint64_t zone_bytes;
    std::uint32_t set_count;
    std::uint32_t negative_set_count;
    std::uint32_t block_count;
    std::uint32_t stamp_count; // a power of two
    std::uint32_t allowance_set_count;
    std::uint32_t address_set_count;
    std::uint32_t purse_count;
    std::uint32_t request_count;
    std::uint32_t metrics_count;
    std::uint32_t free_block;              // first of the free list, block + 1; 0: none
    std::uint32_t clock_hand;              // of the search for cells whose blocks to free
    std::atomic<std::int32_t> purses_open; // recounted now and then: a process may be killed while it counts
    std::array<std::byte, 56> unused;

    // Every change takes the next generation and leaves it as a stamp at its key or account. A cell is valid when the store was asked for
    // it at or after the stamps that concern it: an answer that was in flight while its key changed is never used.
    alignas(cache_line) std::atomic<std::uint64_t> generation;
    std::atomic<std::uint64_t> everything_stamp;

    // What this node knows of the store's changes; see change_log.h.
    std::atomic<std::uint64_t> confirmed_ms;
    std::atomic<std::uint64_t> sequence;
    std::atomic<std::uint64_t> behind_since_ms;
    std::atomic<std::uint64_t> epoch_tag;
    std::atomic<std::uint64_t> heartbeat_due_ms;
    std::atomic<std::uint64_t> blocks_version;

    // The ring of requests to be logged: the next place to write, and to read.
    std::atomic<std::uint64_t> requests_written;
    std::atomic<std::uint64_t> requests_dropped;
    std::atomic<std::uint64_t> requests_read;

    std::atomic<std::uint64_t> node;          // random: identifies this cache among all nodes; 0: not set yet
    std::atomic<std::uint64_t> configuration; // number of configurations used so far: a reload keeps the zone
    std::array<std::byte, 24> unused_too;
};
static_assert(sizeof(Header) == 4 * cache_line);

} // namespace api_key::cache
