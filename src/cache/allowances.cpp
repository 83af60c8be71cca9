#include "cache/allowances.h"

#include <algorithm>

#include "cache/sequence.h"

namespace api_key::cache {

namespace {

// state: until (the low 32 bits of the monotonic clock) << 32 | tag of key and limits << 16 | requests left
constexpr std::uint64_t left_mask = 0xffff;

std::uint64_t tag_of(std::uint64_t key_id, std::uint64_t limits) {
    return mix(key_id ^ (limits * 0x9e37'79b9'7f4a'7c15)) & 0xffff;
}

std::uint64_t make_state(std::uint64_t until_ms, std::uint64_t tag, std::uint64_t left) {
    return until_ms << 32U | tag << 16U | left;
}

std::uint32_t left_of(std::uint64_t state) {
    return static_cast<std::uint32_t>(state & left_mask);
}

bool has_expired(std::uint64_t state, std::uint64_t now_ms) {
    const auto until = static_cast<std::uint32_t>(state >> 32U);
    return static_cast<std::int32_t>(until - static_cast<std::uint32_t>(now_ms)) <= 0;
}

std::uint64_t load(const std::atomic<std::uint64_t>& value) {
    return value.load(std::memory_order_relaxed);
}

WindowState state_of(const Allowance& slot, std::size_t index, std::int64_t limit) {
    WindowState state{limit, slot.used[index].load(std::memory_order_relaxed), 0};
    const auto window = static_cast<Window>(index);
    if (is_rate(window)) {
        const std::uint16_t after_ms = slot.rate_reset_ms[reset_slot(window)].load(std::memory_order_relaxed);
        state.reset_ms = after_ms != 0 ? slot.as_of_ms.load(std::memory_order_relaxed) + after_ms : 0;
    } else if (is_rolling(window)) {
        state.reset_ms = std::int64_t{1000} * slot.quota_reset_s[reset_slot(window)].load(std::memory_order_relaxed);
    }
    return state;
}

} // namespace

inline Allowance* Allowances::find(std::uint64_t key_id) const {
    Allowance* slot = &slots_[scale(mix(key_id), zone_.header().allowance_set_count) * allowance_ways];
    for (std::size_t way = 0; way < allowance_ways; way++, slot++) {
        if (load(slot->key_id) == key_id) {
            return slot;
        }
    }
    return nullptr;
}

Allowances::Spent Allowances::spend(std::uint64_t key_id, std::uint64_t limits, std::uint64_t now_ms) const {
    Allowance* slot = find(key_id);
    if (slot == nullptr || load(slot->limits) != limits) {
        return Spent::nothing;
    }
    const std::uint64_t tag = tag_of(key_id, limits);
    std::uint64_t state = slot->state.load(std::memory_order_acquire);
    while (left_of(state) != 0 && (state >> 16U & 0xffffU) == tag && !has_expired(state, now_ms)) {
        if (slot->state.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
            return Spent::taken;
        }
    }
    return load(slot->refused_until_ms) > now_ms ? Spent::refused : Spent::nothing;
}

Allowances::Charge Allowances::charge(std::uint64_t key_id) const {
    const Allowance* slot = find(key_id);
    return slot != nullptr ? Charge{slot->charged_ms.load(std::memory_order_relaxed), slot->charged.load(std::memory_order_relaxed)}
                           : Charge{};
}

bool Allowances::put_back(std::uint64_t key_id, std::uint64_t limits, const Charge& charge, std::uint64_t now_ms) const {
    Allowance* slot = find(key_id);
    if (slot == nullptr) {
        return false;
    }
    std::uint64_t state = slot->state.load(std::memory_order_acquire);
    const std::uint64_t tag = tag_of(key_id, limits);
    while (slot->charged_ms.load(std::memory_order_relaxed) == charge.charged_ms && left_of(state) < max_requests &&
           (state >> 16U & 0xffffU) == tag && !has_expired(state, now_ms)) {
        if (slot->state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

std::optional<Refusal> Allowances::refusal(std::uint64_t key_id, const Limits& limits) const {
    const Allowance* slot = find(key_id);
    const std::uint8_t refusing = slot != nullptr ? slot->refusing.load(std::memory_order_relaxed) : 0;
    if (refusing == 0) {
        return std::nullopt;
    }
    const std::size_t index = refusing - 1U;
    return Refusal{static_cast<Window>(index), state_of(*slot, index, limits[index].value_or(0)),
                   slot->as_of_ms.load(std::memory_order_relaxed)};
}

std::optional<WindowStates> Allowances::states(std::uint64_t key_id, std::uint64_t fingerprint, const Limits& limits) const {
    const Allowance* slot = find(key_id);
    if (slot == nullptr || load(slot->limits) != fingerprint) {
        return std::nullopt;
    }
    const std::int64_t left = left_of(load(slot->state));
    WindowStates states{};
    for (std::size_t index = 0; index < window_count; index++) {
        if (limits[index]) {
            states[index] = state_of(*slot, index, *limits[index]);
            states[index].used = std::max<std::int64_t>(states[index].used - left, 0);
        }
    }
    return states;
}

std::uint32_t Allowances::left(std::uint64_t key_id) const {
    const Allowance* slot = find(key_id);
    return slot != nullptr ? left_of(load(slot->state)) : 0;
}

Allowances::Last Allowances::last(std::uint64_t key_id, std::uint64_t limits, std::uint64_t now_ms) const {
    const Allowance* slot = find(key_id);
    if (slot == nullptr) {
        return {};
    }
    const std::uint64_t state = load(slot->state);
    return {slot->size.load(std::memory_order_relaxed), left_of(state), load(slot->limits) == limits && !has_expired(state, now_ms),
            static_cast<std::size_t>(slot - slots_.data())};
}

// The key's own slot, else an empty one, else the one with the oldest answer of the store.
Allowance& Allowances::slot_for(std::uint64_t key_id) const {
    if (Allowance* own = find(key_id)) {
        return *own;
    }
    Allowance* set = &slots_[scale(mix(key_id), zone_.header().allowance_set_count) * allowance_ways];
    const auto age = [](const Allowance& slot) {
        return load(slot.key_id) == 0 ? std::int64_t{-1} : slot.as_of_ms.load(std::memory_order_relaxed);
    };
    return *std::min_element(set, set + allowance_ways, [&](const Allowance& a, const Allowance& b) { return age(a) < age(b); });
}

std::optional<Leftover> Allowances::empty(Allowance& slot) {
    const std::uint32_t requests = left_of(slot.state.exchange(0, std::memory_order_acq_rel));
    if (requests == 0) {
        return std::nullopt;
    }
    return Leftover{load(slot.key_id), load(slot.account), requests, slot.charged_ms.load(std::memory_order_relaxed),
                    slot.charged.load(std::memory_order_relaxed)};
}

void Allowances::write_state(Allowance& slot, const Granted& granted, std::uint32_t size) {
    slot.as_of_ms.store(granted.charged_ms, std::memory_order_relaxed);
    slot.size.store(static_cast<std::uint16_t>(std::min<std::uint32_t>(size, 0xffff)), std::memory_order_relaxed);
    slot.refusing.store(granted.refusing ? static_cast<std::uint8_t>(static_cast<unsigned>(*granted.refusing) + 1U) : std::uint8_t{0},
                        std::memory_order_relaxed);
    for (std::size_t index = 0; index < window_count; index++) {
        const auto window = static_cast<Window>(index);
        const WindowState& state = granted.states[index];
        slot.used[index].store(state.used, std::memory_order_relaxed);
        if (is_rate(window)) {
            const std::int64_t after_ms =
                state.reset_ms != 0 ? std::clamp<std::int64_t>(state.reset_ms - granted.charged_ms, 1, 0xffff) : 0;
            slot.rate_reset_ms[reset_slot(window)].store(static_cast<std::uint16_t>(after_ms), std::memory_order_relaxed);
        } else if (is_rolling(window)) {
            slot.quota_reset_s[reset_slot(window)].store(static_cast<std::uint32_t>(state.reset_ms / 1000), std::memory_order_relaxed);
        }
    }
}

// A new grant is merged with what is left of the last one only where both were charged to the same buckets under the same limits: only then
// the rest of both may be given back together. The merged requests end with the earlier of the two; of the earlier grant the zone has the
// low 32 bits of its end, so the two are compared by their difference modulo 2^32, which is right for ends within 24 days.
std::vector<Leftover> Allowances::install(const Granted& granted) {
    const Lock lock(zone_.mutex());
    std::vector<Leftover> leftovers;
    Allowance& slot = slot_for(granted.key_id);
    std::uint64_t until_ms = granted.until_ms;
    std::uint32_t requests = granted.requests;
    const bool same_buckets = load(slot.key_id) == granted.key_id && load(slot.limits) == granted.limits &&
                              slot.charged.load(std::memory_order_relaxed) == granted.charged &&
                              slot.charged_ms.load(std::memory_order_relaxed) >= granted.bucket_begin_ms;
    const std::uint32_t size = granted.size + (same_buckets ? slot.size.load(std::memory_order_relaxed) : 0U);
    const std::uint64_t before = load(slot.state);
    std::int64_t charged_ms = granted.charged_ms;
    if (std::optional<Leftover> leftover = empty(slot)) {
        if (same_buckets && requests + leftover->requests <= max_requests) {
            const auto later = static_cast<std::int32_t>(static_cast<std::uint32_t>(before >> 32U) - static_cast<std::uint32_t>(until_ms));
            until_ms += static_cast<std::uint64_t>(static_cast<std::int64_t>(requests == 0 ? later : std::min(later, 0)));
            charged_ms = requests == 0 ? leftover->charged_ms : charged_ms;
            requests += leftover->requests;
        } else {
            leftovers.push_back(*leftover);
        }
    }
    slot.refused_until_ms.store(0, std::memory_order_relaxed);
    slot.key_id.store(granted.key_id, std::memory_order_relaxed);
    slot.account.store(granted.account, std::memory_order_relaxed);
    slot.limits.store(granted.limits, std::memory_order_relaxed);
    slot.charged_ms.store(charged_ms, std::memory_order_relaxed);
    slot.charged.store(granted.charged, std::memory_order_relaxed);
    write_state(slot, granted, size);
    if (!zone_.had_room_since(granted.generation, granted.key_id)) {
        slot.refused_until_ms.store(granted.refused_until_ms, std::memory_order_relaxed);
    }
    if (requests != 0) {
        slot.state.store(make_state(until_ms, tag_of(granted.key_id, granted.limits), requests), std::memory_order_release);
    }
    return leftovers;
}

// The stamp comes first: a refusal that was asked for before now and is installed later finds it.
void Allowances::forget_refusal(std::uint64_t key_id) const {
    zone_.note_room(key_id);
    const Lock lock(zone_.mutex());
    if (Allowance* slot = find(key_id)) {
        slot->refused_until_ms.store(0, std::memory_order_relaxed);
    }
}

std::optional<Leftover> Allowances::take(std::size_t slot, std::uint64_t key_id) {
    const Lock lock(zone_.mutex());
    if (load(slots_[slot].key_id) != key_id) {
        return std::nullopt;
    }
    slots_[slot].size.store(0, std::memory_order_relaxed);
    return empty(slots_[slot]);
}

std::optional<Settled> Allowances::settle(std::uint64_t key_id) const {
    const Lock lock(zone_.mutex());
    Allowance* slot = find(key_id);
    const std::uint32_t size = slot != nullptr ? slot->size.exchange(0, std::memory_order_relaxed) : 0U;
    if (size == 0) {
        return std::nullopt;
    }
    const std::uint32_t left = left_of(slot->state.exchange(0, std::memory_order_acq_rel));
    return Settled{{key_id, load(slot->account), left, slot->charged_ms.load(std::memory_order_relaxed),
                    slot->charged.load(std::memory_order_relaxed)},
                   size - std::min(size, left)};
}

std::size_t Allowances::slot_of(std::uint64_t key_id) const {
    const Allowance* slot = find(key_id);
    return slot != nullptr ? static_cast<std::size_t>(slot - slots_.data()) : count();
}

Allowances::SlotState Allowances::slot_state(std::size_t slot, std::uint64_t now_ms) const {
    const std::uint64_t state = slots_[slot].state.load(std::memory_order_acquire);
    return {load(slots_[slot].key_id), state, left_of(state), has_expired(state, now_ms)};
}

} // namespace api_key::cache
