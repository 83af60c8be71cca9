// The layout of the zone: sizes and addresses of its tables.
#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "cache/zone.h"

namespace api_key::cache {

Zone::Zone(std::byte* memory, Mutex mutex) : header_(reinterpret_cast<Header*>(memory)), mutex_(mutex) {}

void Zone::set_pointers() {
    auto* at = reinterpret_cast<std::byte*>(header_) + sizeof(Header);
    sets_ = reinterpret_cast<Set*>(at);
    at += header_->set_count * sizeof(Set);
    cells_ = reinterpret_cast<Cell*>(at);
    at += capacity() * sizeof(Cell);
    negatives_ = reinterpret_cast<NegativeCell*>(at);
    at += std::size_t{header_->negative_set_count} * negative_ways * sizeof(NegativeCell);
    blocks_ = reinterpret_cast<Block*>(at);
    at += header_->block_count * sizeof(Block);
    allowances_ = reinterpret_cast<Allowance*>(at);
    at += std::size_t{header_->allowance_set_count} * allowance_ways * sizeof(Allowance);
    addresses_ = reinterpret_cast<AddressSet*>(at);
    at += header_->address_set_count * sizeof(AddressSet);
    purses_ = reinterpret_cast<Purse*>(at);
    at += header_->purse_count * sizeof(Purse);
    requests_ = reinterpret_cast<RequestCell*>(at);
    at += header_->request_count * sizeof(RequestCell);
    metrics_ = reinterpret_cast<MetricsSlot*>(at);
    at += header_->metrics_count * sizeof(MetricsSlot);
    stamps_ = reinterpret_cast<std::atomic<std::uint64_t>*>(at);
    at += header_->stamp_count * sizeof(*stamps_);
    room_stamps_ = reinterpret_cast<std::atomic<std::uint64_t>*>(at);
}

std::optional<Zone> Zone::format(std::span<std::byte> memory, Mutex mutex) {
    if (memory.size() < minimum_size || reinterpret_cast<std::uintptr_t>(memory.data()) % cache_line != 0) {
        return std::nullopt;
    }
    std::memset(memory.data(), 0, memory.size());
    auto* header = new (memory.data()) Header{};
    header->version = layout_version;
    header->cell_bytes = cell_size;
    header->zone_bytes = memory.size();
    const std::size_t stamps = std::clamp<std::size_t>(std::bit_floor(memory.size() / 2048), 1024, 65536);
    const std::size_t address_sets = std::clamp<std::size_t>(memory.size() / 32768, 16, 4096);
    const std::size_t purses = std::min<std::size_t>(memory.size() / 2048, 65536);
    const std::size_t of_requests = memory.size() / sizeof(RequestCell); // as many as the whole zone could hold
    const std::size_t requests = std::min<std::size_t>(std::max(of_requests / 16, std::min<std::size_t>(of_requests / 8, 512)), 65536);
    const std::size_t metrics = std::clamp<std::size_t>(memory.size() / 131072, 2, 64);
    std::size_t left = memory.size() - sizeof(Header) - (stamps + room_stamps) * sizeof(std::uint64_t) - address_sets * sizeof(AddressSet) -
                       purses * sizeof(Purse) - requests * sizeof(RequestCell) - metrics * sizeof(MetricsSlot);
    const std::size_t block_count = left / 14 / sizeof(Block);
    const std::size_t negative_sets = left / 48 / (negative_ways * sizeof(NegativeCell));
    left -= block_count * sizeof(Block) + negative_sets * negative_ways * sizeof(NegativeCell);
    constexpr std::size_t allowances_per_set = ways / allowance_ways; // one allowance for each cell
    constexpr std::size_t set_bytes = sizeof(Set) + ways * sizeof(Cell) + allowances_per_set * allowance_ways * sizeof(Allowance);
    header->stamp_count = static_cast<std::uint32_t>(stamps);
    header->block_count = static_cast<std::uint32_t>(block_count);
    header->negative_set_count = static_cast<std::uint32_t>(negative_sets);
    header->address_set_count = static_cast<std::uint32_t>(address_sets);
    header->purse_count = static_cast<std::uint32_t>(purses);
    header->request_count = static_cast<std::uint32_t>(requests);
    header->metrics_count = static_cast<std::uint32_t>(metrics);
    header->set_count = static_cast<std::uint32_t>(left / set_bytes);
    header->allowance_set_count = static_cast<std::uint32_t>(header->set_count * allowances_per_set);
    header->generation.store(1, std::memory_order_relaxed);

    Zone zone(memory.data(), mutex);
    zone.set_pointers();
    zone.free_all_blocks();
    for (std::size_t index = 0; index < requests; index++) {
        zone.requests_[index].sequence.store(index, std::memory_order_relaxed);
    }
    header->magic.store(zone_magic, std::memory_order_release);
    return zone;
}

std::optional<Zone> Zone::attach(std::span<std::byte> memory, Mutex mutex) {
    if (memory.size() < minimum_size) {
        return std::nullopt;
    }
    Zone zone(memory.data(), mutex);
    const Header& header = *zone.header_;
    if (header.magic.load(std::memory_order_acquire) != zone_magic || header.version != layout_version || header.cell_bytes != cell_size ||
        header.zone_bytes != memory.size()) {
        return std::nullopt;
    }
    zone.set_pointers();
    return zone;
}

std::span<Allowance> Zone::allowances() const {
    return {allowances_, std::size_t{header_->allowance_set_count} * allowance_ways};
}

std::span<Purse> Zone::purses() const {
    return {purses_, header_->purse_count};
}

std::span<RequestCell> Zone::requests() const {
    return {requests_, header_->request_count};
}

std::span<MetricsSlot> Zone::metrics() const {
    return {metrics_, header_->metrics_count};
}

std::span<AddressSet> Zone::addresses() const {
    return {addresses_, header_->address_set_count};
}

} // namespace api_key::cache
