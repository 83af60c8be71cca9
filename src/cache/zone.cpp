#include "cache/zone.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "cache/sequence.h"

namespace api_key::cache {

namespace {

constexpr std::uint64_t key_stamps = 0;
constexpr std::uint64_t account_stamps = 0x9e37'79b9'7f4a'7c15;

std::uint64_t word(const Digest& digest, std::size_t offset) {
    std::uint64_t value = 0;
    std::memcpy(&value, digest.data() + offset, sizeof value);
    return value;
}

// A digest is uniformly distributed: its bytes are hash enough.
std::uint32_t tag_of(const Digest& digest) {
    return static_cast<std::uint32_t>(word(digest, 8)) | 1U;
}

void raise(std::atomic<std::uint64_t>& value, std::uint64_t to) {
    std::uint64_t seen = value.load(std::memory_order_relaxed);
    while (seen < to && !value.compare_exchange_weak(seen, to, std::memory_order_release, std::memory_order_relaxed)) {}
}

} // namespace

Set& Zone::set_of(const Digest& digest) const {
    return sets_[scale(word(digest, 0), header_->set_count)];
}

Cell* Zone::cells_of(const Set& set) const {
    return cells_ + static_cast<std::size_t>(&set - sets_) * ways;
}

NegativeCell* Zone::negatives_of(const Digest& digest) const {
    return negatives_ + scale(word(digest, 0), header_->negative_set_count) * negative_ways;
}

std::atomic<std::uint64_t>& Zone::stamp(std::uint64_t kind, std::uint64_t id) const {
    return stamps_[mix(id + kind) & (header_->stamp_count - 1)];
}

std::atomic<std::uint64_t>& Zone::room_stamp(std::uint64_t key_id) const {
    return room_stamps_[mix(key_id) % room_stamps];
}

bool Zone::is_valid(std::uint64_t generation, std::uint64_t key_id, std::uint64_t account) const {
    return generation >= header_->everything_stamp.load(std::memory_order_acquire) &&
           generation >= stamp(key_stamps, key_id).load(std::memory_order_acquire) &&
           generation >= stamp(account_stamps, account).load(std::memory_order_acquire);
}

std::optional<Hit> Zone::find(const Digest& digest) const {
    const Set& set = set_of(digest);
    const std::uint32_t tag = tag_of(digest);
    Cell* cells = cells_of(set);
    for (std::size_t way = 0; way < ways; way++) {
        if (set.tags[way].load(std::memory_order_relaxed) != tag) {
            continue;
        }
        Cell& cell = cells[way];
        const std::uint32_t sequence = cell.sequence.load(std::memory_order_acquire);
        if ((sequence & 1U) != 0 || cell.packed_size == 0 || std::memcmp(cell.digest.data(), digest.data(), digest.size()) != 0) {
            continue;
        }
        const Hit hit{&cell, sequence, cell.packed_size, cell.generation, cell.fetched_ms, cell.store_now_ms};
        const bool valid = is_valid(cell.generation, cell.key_id, cell.account);
        if (valid && is_unchanged(cell.sequence, sequence)) {
            return hit;
        }
    }
    return std::nullopt;
}

bool Zone::is_current(const Hit& hit, std::uint64_t key_id, std::uint64_t account) const {
    return hit.cell->sequence.load(std::memory_order_acquire) == hit.sequence && is_valid(hit.generation, key_id, account);
}

bool Zone::copy(const Hit& hit, std::span<std::byte> out) const {
    const Cell& cell = *hit.cell;
    if (out.size() < hit.packed_size) {
        return false;
    }
    std::size_t done = std::min<std::size_t>(hit.packed_size, cell.packed.size());
    std::memcpy(out.data(), cell.packed.data(), done);
    std::uint32_t block = cell.first_block;
    while (done < hit.packed_size) {
        if (block == 0 || block > header_->block_count) {
            return false;
        }
        const Block& source = blocks_[block - 1];
        const std::size_t part = std::min<std::size_t>(hit.packed_size - done, source.bytes.size());
        std::memcpy(out.data() + done, source.bytes.data(), part);
        done += part;
        block = source.next;
    }
    return is_unchanged(cell.sequence, hit.sequence);
}

bool Zone::is_unknown(const Digest& digest, std::uint64_t now_ms) const {
    const NegativeCell* cells = negatives_of(digest);
    for (std::size_t way = 0; way < negative_ways; way++) {
        const NegativeCell& cell = cells[way];
        const std::uint32_t sequence = cell.sequence.load(std::memory_order_acquire);
        if ((sequence & 1U) == 0 && cell.used != 0 && std::memcmp(cell.digest.data(), digest.data(), digest.size()) == 0 &&
            cell.until_ms > now_ms && cell.generation >= header_->everything_stamp.load(std::memory_order_acquire) &&
            is_unchanged(cell.sequence, sequence)) {
            return true;
        }
    }
    return false;
}

void Zone::fill_unknown(const Digest& digest, std::uint64_t generation, std::uint64_t now_ms, std::uint64_t for_ms) {
    const Lock lock(mutex_);
    NegativeCell* cells = negatives_of(digest);
    NegativeCell* oldest = std::min_element(cells, cells + negative_ways, [&](const NegativeCell& a, const NegativeCell& b) {
        const bool a_is_it = a.used != 0 && a.digest == digest;
        const bool b_is_it = b.used != 0 && b.digest == digest;
        return a_is_it != b_is_it ? a_is_it : a.until_ms < b.until_ms;
    });
    const std::uint32_t odd = begin_write(oldest->sequence);
    oldest->digest = digest;
    oldest->generation = generation;
    oldest->until_ms = now_ms + for_ms;
    oldest->used = 1;
    end_write(oldest->sequence, odd);
}

// The cell to write: the key's own, else a free or invalid one, else the least recently used.
std::size_t Zone::victim(Set& set, const Digest& digest) const {
    const Cell* cells = cells_of(set);
    std::size_t best = 0;
    std::uint64_t best_rank = ~std::uint64_t{0};
    for (std::size_t way = 0; way < ways; way++) {
        const Cell& cell = cells[way];
        if (cell.packed_size != 0 && cell.digest == digest) {
            return way;
        }
        const bool free = cell.packed_size == 0 || (cell.sequence.load(std::memory_order_relaxed) & 1U) != 0 ||
                          !is_valid(cell.generation, cell.key_id, cell.account);
        const std::uint64_t rank = free ? 0 : std::uint64_t{1} + cell.used_s.load(std::memory_order_relaxed);
        if (rank < best_rank) {
            best = way;
            best_rank = rank;
        }
    }
    return best;
}

void Zone::fill(const Digest& digest, const Fill& fill) {
    std::vector<std::byte> packed(packed_size(fill.record));
    const std::size_t size = pack(fill.record, fill.secret_until_ms, packed);
    if (size == 0) {
        return;
    }
    const Lock lock(mutex_);
    if (changed_since(fill.generation, fill.record.id, fill.record.account)) {
        return;
    }
    Set& set = set_of(digest);
    const std::size_t way = victim(set, digest);
    Cell& cell = cells_of(set)[way];
    const std::uint32_t odd = begin_write(cell.sequence);
    const std::uint32_t blocks = cell.first_block;
    cell.packed_size = 0;
    cell.first_block = 0;
    give_back_blocks(blocks);
    const bool same_key = cell.digest == digest;
    cell.digest = digest;
    cell.key_id = fill.record.id;
    cell.account = fill.record.account;
    cell.generation = fill.generation;
    cell.fetched_ms = fill.asked_ms;
    cell.store_now_ms = fill.store_now_ms;
    cell.used_s.store(static_cast<std::uint32_t>(fill.asked_ms / 1000), std::memory_order_relaxed);
    if (!same_key) {
        cell.use_reported.store(false, std::memory_order_relaxed);
        cell.refusal_reported.store(false, std::memory_order_relaxed);
        cell.uses.store(0, std::memory_order_relaxed);
    }
    store_packed(cell, std::span(packed).first(size));
    set.tags[way].store(tag_of(digest), std::memory_order_relaxed);
    end_write(cell.sequence, odd);
}

void Zone::store_packed(Cell& cell, std::span<const std::byte> packed) {
    const std::size_t inside = std::min(packed.size(), cell.packed.size());
    std::span<const std::byte> rest = packed.subspan(inside);
    if (!rest.empty()) {
        constexpr std::size_t per_block = sizeof(Block::bytes);
        cell.first_block = take_blocks((rest.size() + per_block - 1) / per_block);
        if (cell.first_block == 0) {
            return; // the cell stays empty: this key is looked up in the store each time
        }
        for (std::uint32_t block = cell.first_block; !rest.empty(); block = blocks_[block - 1].next) {
            const std::size_t part = std::min(rest.size(), per_block);
            std::memcpy(blocks_[block - 1].bytes.data(), rest.data(), part);
            rest = rest.subspan(part);
        }
    }
    std::memcpy(cell.packed.data(), packed.data(), inside);
    cell.packed_size = static_cast<std::uint32_t>(packed.size());
}

// A chain of `count` blocks, or 0. Evicts other cells if no block is free.
std::uint32_t Zone::take_blocks(std::size_t count) {
    if (count > header_->block_count) {
        return 0;
    }
    std::uint32_t first = 0;
    for (std::size_t taken = 0; taken < count; taken++) {
        while (header_->free_block == 0) {
            if (!free_some_blocks()) {
                // No cell has any, so all are free: the free list lost the rest when a process was killed.
                free_all_blocks();
                first = 0;
                taken = 0;
            }
        }
        const std::uint32_t block = header_->free_block;
        header_->free_block = blocks_[block - 1].next;
        blocks_[block - 1].next = first;
        first = block;
    }
    return first;
}

void Zone::free_all_blocks() {
    header_->free_block = 0;
    for (std::uint32_t block = header_->block_count; block > 0; block--) {
        blocks_[block - 1].next = header_->free_block;
        header_->free_block = block;
    }
}

void Zone::give_back_blocks(std::uint32_t first) {
    while (first != 0) {
        const std::uint32_t next = blocks_[first - 1].next;
        blocks_[first - 1].next = header_->free_block;
        header_->free_block = first;
        first = next;
    }
}

// Empties the next cell that has blocks. False when a whole round found none.
bool Zone::free_some_blocks() {
    const std::size_t cells = capacity();
    for (std::size_t seen = 0; seen < cells; seen++) {
        Cell& cell = cells_[header_->clock_hand % cells];
        header_->clock_hand = static_cast<std::uint32_t>((header_->clock_hand + 1) % cells);
        if (cell.first_block == 0) {
            continue;
        }
        const std::uint32_t odd = begin_write(cell.sequence);
        const std::uint32_t blocks = cell.first_block;
        cell.packed_size = 0;
        cell.first_block = 0;
        give_back_blocks(blocks);
        end_write(cell.sequence, odd);
        return true;
    }
    return false;
}

bool Zone::changed_since(std::uint64_t generation, std::uint64_t key_id, std::uint64_t account) const {
    return !is_valid(generation, key_id, account);
}

void Zone::invalidate_key(std::uint64_t key_id) {
    raise(stamp(key_stamps, key_id), header_->generation.fetch_add(1, std::memory_order_acq_rel) + 1);
}

void Zone::note_room(std::uint64_t key_id) {
    raise(room_stamp(key_id), header_->generation.fetch_add(1, std::memory_order_acq_rel) + 1);
}

bool Zone::had_room_since(std::uint64_t generation, std::uint64_t key_id) const {
    return generation < room_stamp(key_id).load(std::memory_order_acquire);
}

void Zone::invalidate_account(std::uint64_t account) {
    raise(stamp(account_stamps, account), header_->generation.fetch_add(1, std::memory_order_acq_rel) + 1);
}

void Zone::invalidate_all() {
    raise(header_->everything_stamp, header_->generation.fetch_add(1, std::memory_order_acq_rel) + 1);
}

bool Zone::is_first_use(Cell& cell, std::uint64_t now_ms) {
    const auto now_s = static_cast<std::uint32_t>(now_ms / 1000);
    if (cell.used_s.load(std::memory_order_relaxed) != now_s) {
        cell.used_s.store(now_s, std::memory_order_relaxed);
    }
    return !cell.use_reported.load(std::memory_order_relaxed) && !cell.use_reported.exchange(true, std::memory_order_relaxed);
}

std::size_t Zone::count() const {
    constexpr std::size_t max_sets = 16384; // a megabyte
    const std::size_t step = header_->set_count / max_sets + 1;
    std::size_t used = 0;
    const std::size_t seen = (header_->set_count + step - 1) / step;
    for (std::size_t set = 0; set < header_->set_count; set += step) {
        for (const std::atomic<std::uint32_t>& tag : sets_[set].tags) {
            used += tag.load(std::memory_order_relaxed) != 0 ? 1 : 0;
        }
    }
    return seen != 0 ? used * header_->set_count / seen : 0;
}

std::vector<Zone::KeyUses> Zone::busiest(std::size_t most) const {
    const auto more = [](const KeyUses& a, const KeyUses& b) { return a.uses > b.uses; };
    std::vector<KeyUses> heap;
    for (const Cell& cell : std::span(cells_, capacity())) {
        const KeyUses key{cell.key_id, cell.uses.load(std::memory_order_relaxed)};
        if (key.uses == 0 || (heap.size() == most && key.uses <= heap.front().uses)) {
            continue;
        }
        if (heap.size() == most) {
            std::pop_heap(heap.begin(), heap.end(), more);
            heap.pop_back();
        }
        heap.push_back(key);
        std::push_heap(heap.begin(), heap.end(), more);
    }
    std::sort_heap(heap.begin(), heap.end(), more);
    return heap;
}

} // namespace api_key::cache
