#include "cache/addresses.h"

#include <algorithm>
#include <cstring>

#include "cache/sequence.h"

namespace api_key::cache {

namespace {

constexpr unsigned second_bits = 24;
constexpr std::uint64_t second_mask = (std::uint64_t{1} << second_bits) - 1;

std::uint64_t hash_of(const Address& network) {
    std::uint64_t upper = 0;
    std::uint64_t lower = 0;
    std::memcpy(&upper, network.data(), sizeof upper);
    std::memcpy(&lower, network.data() + sizeof upper, sizeof lower);
    return mix(mix(upper) ^ lower);
}

AddressSet& set_for(std::span<AddressSet> sets, std::uint64_t hash) {
    return sets[scale(hash, static_cast<std::uint32_t>(sets.size()))];
}

// An attempt without its time: the hash in the upper bits, 0 in those of the second.
std::uint64_t attempt_of(const Address& network, std::uint64_t key_hash) {
    return mix(hash_of(network) ^ mix(key_hash)) & ~second_mask;
}

std::uint64_t second_of(std::uint64_t now_ms) {
    return now_ms / 1000 & second_mask;
}

} // namespace

bool Addresses::is_blocked(const Address& network, std::uint64_t now_ms) const {
    for (const BlockedAddress& entry : set_for(sets_, hash_of(network)).blocked) {
        const std::uint32_t sequence = entry.sequence.load(std::memory_order_acquire);
        if ((sequence & 1U) == 0 && entry.until_ms > now_ms && entry.network == network && is_unchanged(entry.sequence, sequence)) {
            return true;
        }
    }
    return false;
}

std::size_t Addresses::count(std::uint64_t now_ms) const {
    std::size_t count = 0;
    for (const AddressSet& set : sets_) {
        for (const BlockedAddress& entry : set.blocked) {
            count += entry.until_ms > now_ms ? 1 : 0;
        }
    }
    return count;
}

void Addresses::block(const NetworkBlock& block) {
    const Lock lock(zone_.mutex());
    write(block, static_cast<std::uint32_t>(version()));
}

void Addresses::write(const NetworkBlock& block, std::uint32_t round) {
    auto& entries = set_for(sets_, hash_of(block.network)).blocked;
    auto& entry = *std::min_element(entries.begin(), entries.end(), [&](const BlockedAddress& a, const BlockedAddress& b) {
        const bool a_is_it = a.network == block.network;
        const bool b_is_it = b.network == block.network;
        return a_is_it != b_is_it ? a_is_it : a.until_ms < b.until_ms;
    });
    const std::uint32_t odd = begin_write(entry.sequence);
    entry.network = block.network;
    entry.until_ms = block.until_ms;
    entry.round = round;
    end_write(entry.sequence, odd);
}

void Addresses::replace(std::span<const NetworkBlock> blocks, std::uint64_t version) {
    const Lock lock(zone_.mutex());
    const auto round = static_cast<std::uint32_t>(version);
    for (const NetworkBlock& block : blocks) {
        write(block, round);
    }
    for (AddressSet& set : sets_) {
        for (BlockedAddress& entry : set.blocked) {
            if (entry.until_ms != 0 && entry.round != round) {
                const std::uint32_t odd = begin_write(entry.sequence);
                entry.until_ms = 0;
                end_write(entry.sequence, odd);
            }
        }
    }
    zone_.header().blocks_version.store(version, std::memory_order_relaxed);
}

bool Addresses::was_counted(const Address& network, std::uint64_t key_hash, std::uint64_t now_ms) const {
    const std::uint64_t attempt = attempt_of(network, key_hash);
    const auto& attempts = set_for(sets_, attempt).attempts;
    return std::any_of(attempts.begin(), attempts.end(), [&](const std::atomic<std::uint64_t>& one) {
        const std::uint64_t value = one.load(std::memory_order_relaxed);
        const std::uint64_t age_s = (second_of(now_ms) - value) & second_mask;
        return value != 0 && (value & ~second_mask) == attempt && age_s < attempt_counts_for_ms / 1000;
    });
}

void Addresses::remember_counted(const Address& network, std::uint64_t key_hash, std::uint64_t now_ms) const {
    const std::uint64_t attempt = attempt_of(network, key_hash);
    auto& attempts = set_for(sets_, attempt).attempts;
    const auto age_of = [&](const std::atomic<std::uint64_t>& one) {
        const std::uint64_t value = one.load(std::memory_order_relaxed);
        return value == 0 || (value & ~second_mask) == attempt ? ~std::uint64_t{0} : (second_of(now_ms) - value) & second_mask;
    };
    auto& oldest = *std::max_element(attempts.begin(), attempts.end(), [&](const auto& a, const auto& b) { return age_of(a) < age_of(b); });
    oldest.store(attempt | second_of(now_ms), std::memory_order_relaxed);
}

} // namespace api_key::cache
