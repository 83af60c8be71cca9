// A node's metrics, in shared memory: each worker counts in a slot of its own, and a reader sums up all slots.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "cache/zone.h"
#include "core/policy/reason.h"

namespace api_key::cache {

// The kinds of some counters: a number for each kind, and its label value on the page of metrics.
enum class CacheResult : std::uint8_t { none = 0, hit = 1, miss = 2, stale = 3, negative = 4 }; // `none` is not counted
inline constexpr std::array<std::string_view, 5> cache_words{"", "hit", "miss", "stale", "negative"};

enum class Provider : std::uint8_t { openai = 0, anthropic = 1, gemini = 2, other = 3 }; // MeterDialect; `other`: charged without a meter
inline constexpr std::array<std::string_view, 4> provider_words{"openai", "anthropic", "gemini", "other"};

enum class Unmetered : std::uint8_t { not_told = 0, compressed = 1, cut_off = 2 };
inline constexpr std::array<std::string_view, 3> unmetered_words{"not_told", "compressed", "cut_off"};

inline constexpr std::array<std::string_view, 4> outcome_words{"done", "not_found", "conflict", "unavailable"}; // store::Outcome

// A counter with kinds is the number of its first kind: the others follow.
enum class Counter : std::uint16_t {
    results = 0,         // by Reason
    cache_results = 21,  // by CacheResult, from `hit` on
    store_outcomes = 25, // by store::Outcome
    input_tokens = 29,   // by Provider, except `other`
    output_tokens = 32,  // the same
    micro_credits = 35,  // by Provider
    unmetered = 39,      // by Unmetered
    grants = 42,         // of requests, by the store
    granted_requests = 43,
    log_records = 44, // written to the store
    alerts_sent = 45,
    alerts_failed = 46,
    unconfirmed_changes = 47, // that some node had not applied when they were answered
    end = 48,
};

constexpr std::size_t index_of(Counter counter) {
    return static_cast<std::size_t>(counter);
}
static_assert(index_of(Counter::cache_results) == index_of(Counter::results) + reason_count &&
                  index_of(Counter::store_outcomes) == index_of(Counter::cache_results) + cache_words.size() - 1 &&
                  index_of(Counter::input_tokens) == index_of(Counter::store_outcomes) + outcome_words.size() &&
                  index_of(Counter::output_tokens) == index_of(Counter::input_tokens) + provider_words.size() - 1 &&
                  index_of(Counter::micro_credits) == index_of(Counter::output_tokens) + provider_words.size() - 1 &&
                  index_of(Counter::unmetered) == index_of(Counter::micro_credits) + provider_words.size() &&
                  index_of(Counter::grants) == index_of(Counter::unmetered) + unmetered_words.size(),
              "a counter has an index for each of its kinds: raise layout_version if one of them moves in shared memory");

enum class Histogram : std::uint8_t { decision = 0, store = 1, change_confirm = 2, end = 3 };

// Upper bounds in nanoseconds; longer durations count as +Inf.
inline constexpr std::array<std::uint64_t, 14> histogram_bounds_ns{10'000,     25'000,     50'000,      100'000,    250'000,
                                                                   500'000,    1'000'000,  2'500'000,   5'000'000,  10'000'000,
                                                                   25'000'000, 50'000'000, 100'000'000, 250'000'000};

struct HistogramCounts {
    std::array<std::uint64_t, histogram_bounds_ns.size() + 1> buckets{}; // not cumulative
    std::uint64_t sum_ns = 0;
};

class Metrics {
  public:
    // `worker`: nginx's number of the worker process (ngx_worker).
    Metrics(const Zone& zone, std::size_t worker) : slots_(zone.metrics()), mine_(slots_[worker % slots_.size()]) {}

    void add(Counter counter, std::uint64_t number = 1) { add(counter, 0, number); }
    void add(Counter counter, std::size_t kind, std::uint64_t number) {
        mine_.counters[static_cast<std::size_t>(counter) + kind].fetch_add(number, std::memory_order_relaxed);
    }
    template <class Kind>
    requires std::is_enum_v<Kind>
    void add(Counter counter, Kind kind, std::uint64_t number = 1) { add(counter, static_cast<std::size_t>(kind), number); }
    void count(CacheResult result) { add(Counter::cache_results, static_cast<std::size_t>(result) - 1, 1); } // not `none`
    void observe(Histogram histogram, std::uint64_t duration_ns);

    std::uint64_t sum(Counter counter, std::size_t kind = 0) const;
    HistogramCounts sum(Histogram histogram) const;

  private:
    std::span<MetricsSlot> slots_;
    MetricsSlot& mine_;
};

} // namespace api_key::cache
