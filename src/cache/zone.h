// The key cache of one node over a plain span of memory shared by its workers: a set-associative cache whose cells are seqlocks.
//
// Readers take no lock. Writers hold the mutex they are given; the cell of a writer that was killed stays odd, reads as absent, and is
// written anew by the next fill.
//
// A change invalidates by stamp instead of by search: it draws the next generation and stores it as the stamp of its key or account. A cell
// is valid while its generation, drawn before the store was asked, is not below the stamps of its key, of its account and of everything. So
// an answer that was asked for before a change never revives the key, however late it is filled in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cache/layout.h"
#include "core/policy/record.h"
#include "core/secrets/digest.h"

namespace api_key::cache {

// Excludes the other writers, in all processes.
struct Mutex {
    void* context;
    void (*lock)(void* context);
    void (*unlock)(void* context);
};

class Lock {
  public:
    explicit Lock(const Mutex& mutex) : mutex_(mutex) { mutex_.lock(mutex_.context); }
    ~Lock() { mutex_.unlock(mutex_.context); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    const Mutex& mutex_;
};

// A valid cell as it was found; copy() tells whether it still is.
struct Hit {
    Cell* cell;
    std::uint32_t sequence;
    std::uint32_t packed_size;
    std::uint64_t generation;
    std::uint64_t fetched_ms;
    std::int64_t store_now_ms;
};

// The store's answer about a key.
struct Fill {
    const KeyRecord& record;
    std::int64_t secret_until_ms; // see pack()
    std::uint64_t generation;     // Zone::generation() when the store was asked
    std::uint64_t asked_ms;       // monotonic
    std::int64_t store_now_ms;
};

class Zone {
  public:
    static constexpr std::size_t minimum_size = 256 * 1024;

    // Formats the memory, or attaches to what an earlier configuration left there. Nothing when it is too small, or (attach) laid out
    // differently.
    static std::optional<Zone> format(std::span<std::byte> memory, Mutex mutex);
    static std::optional<Zone> attach(std::span<std::byte> memory, Mutex mutex);

    // The valid cell of the key with this SHA-256.
    std::optional<Hit> find(const Digest& digest) const;

    // Whether the cell of a key still has what was found there, and it is valid.
    bool is_current(const Hit& hit, std::uint64_t key_id, std::uint64_t account) const;

    // Copies the packed record; false when the cell changed meanwhile (treat as absent). `out` has at least hit.packed_size bytes.
    bool copy(const Hit& hit, std::span<std::byte> out) const;

    bool is_unknown(const Digest& digest, std::uint64_t now_ms) const; // the store said so recently

    // Caches the answer. No effect if the key has changed since the store was asked, or there is no room for the record.
    void fill(const Digest& digest, const Fill& fill);
    void fill_unknown(const Digest& digest, std::uint64_t generation, std::uint64_t now_ms, std::uint64_t for_ms);

    // The key or account has changed (or anything may have): invalidates answers that were asked for before now.
    void invalidate_key(std::uint64_t key_id);
    void invalidate_account(std::uint64_t account);
    void invalidate_all();

    std::uint64_t generation() const { return header_->generation.load(std::memory_order_acquire); }
    bool changed_since(std::uint64_t generation, std::uint64_t key_id, std::uint64_t account) const;

    // The limits of the key have room again: invalidates refusals that the store gave before now, but not the cached record.
    void note_room(std::uint64_t key_id);
    bool had_room_since(std::uint64_t generation, std::uint64_t key_id) const;

    // Marks the cell as used. True only once after the key was cached, and then the caller reports its use to the store.
    static bool is_first_use(Cell& cell, std::uint64_t now_ms);

    Header& header() const { return *header_; }
    const Mutex& mutex() const { return mutex_; }
    std::span<Allowance> allowances() const; // allowance_ways of each set; see allowances.h
    std::span<AddressSet> addresses() const; // see addresses.h
    std::span<Purse> purses() const;         // see purses.h
    std::span<RequestCell> requests() const; // see request_ring.h
    std::span<MetricsSlot> metrics() const;  // see metrics.h
    std::size_t capacity() const { return std::size_t{header_->set_count} * ways; }
    std::size_t count() const; // cells in use, valid or not; an estimate for a large zone

    struct KeyUses {
        std::uint64_t key_id;
        std::uint32_t uses;
    };
    std::vector<KeyUses> busiest(std::size_t most) const; // reads all cells; the most used first

  private:
    Zone(std::byte* memory, Mutex mutex);
    void set_pointers();

    Set& set_of(const Digest& digest) const;
    Cell* cells_of(const Set& set) const;
    NegativeCell* negatives_of(const Digest& digest) const;
    std::atomic<std::uint64_t>& stamp(std::uint64_t kind, std::uint64_t id) const;
    std::atomic<std::uint64_t>& room_stamp(std::uint64_t key_id) const;
    bool is_valid(std::uint64_t generation, std::uint64_t key_id, std::uint64_t account) const;
    std::size_t victim(Set& set, const Digest& digest) const;
    void write(Set& set, std::size_t way, const Digest& digest, const Fill& fill, std::size_t packed_size);

    std::uint32_t take_blocks(std::size_t count);
    void give_back_blocks(std::uint32_t first);
    void free_all_blocks();
    bool free_some_blocks();
    void store_packed(Cell& cell, std::span<const std::byte> packed);

    Header* header_;
    Set* sets_ = nullptr;
    Cell* cells_ = nullptr;
    NegativeCell* negatives_ = nullptr;
    Block* blocks_ = nullptr;
    Allowance* allowances_ = nullptr;
    AddressSet* addresses_ = nullptr;
    Purse* purses_ = nullptr;
    RequestCell* requests_ = nullptr;
    MetricsSlot* metrics_ = nullptr;
    std::atomic<std::uint64_t>* stamps_ = nullptr;
    std::atomic<std::uint64_t>* room_stamps_ = nullptr;
    Mutex mutex_;
};

} // namespace api_key::cache
