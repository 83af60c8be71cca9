// What a node counts for its operators, in shared memory: each worker adds in a slot of its own, a reader sums them all up.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "cache/zone.h"
#include "core/policy/reason.h"

namespace api_key::cache {

// Counters that come in kinds stand for the first of them.
enum class Counter : std::uint16_t {
    results = 0,                            // by Reason
    cache_results = results + reason_count, // hit, miss, stale, negative
    store_outcomes = cache_results + 4,     // done, not_found, conflict, unavailable
    input_tokens = store_outcomes + 4,      // openai, anthropic, gemini
    output_tokens = input_tokens + 3,       // the same
    micro_credits = output_tokens + 3,      // the same, and what was charged without a meter
    unmetered = micro_credits + 4,          // not_told, compressed, cut_off
    grants = unmetered + 3,                 // of requests, by the store
    granted_requests,
    log_records, // that the store has
    alerts_sent,
    alerts_failed,
    end,
};

enum class Histogram : std::uint8_t { decision, store, end };

// Upper bounds in nanoseconds; what is above the last counts as +Inf.
inline constexpr std::array<std::uint64_t, 14> histogram_bounds_ns{10'000,     25'000,     50'000,      100'000,    250'000,
                                                                   500'000,    1'000'000,  2'500'000,   5'000'000,  10'000'000,
                                                                   25'000'000, 50'000'000, 100'000'000, 250'000'000};

struct HistogramCounts {
    std::array<std::uint64_t, histogram_bounds_ns.size() + 1> buckets{}; // not cumulative
    std::uint64_t sum_ns = 0;
};

class Metrics {
  public:
    // `worker`: nginx's number of the process.
    Metrics(const Zone& zone, std::size_t worker) : slots_(zone.metrics()), mine_(slots_[worker % slots_.size()]) {}

    void add(Counter counter, std::uint64_t number = 1) { add(counter, 0, number); }
    void add(Counter counter, std::size_t kind, std::uint64_t number) {
        mine_.counters[static_cast<std::size_t>(counter) + kind].fetch_add(number, std::memory_order_relaxed);
    }
    void observe(Histogram histogram, std::uint64_t duration_ns);

    std::uint64_t sum(Counter counter, std::size_t kind = 0) const;
    HistogramCounts sum(Histogram histogram) const;

  private:
    std::span<MetricsSlot> slots_;
    MetricsSlot& mine_;
};

} // namespace api_key::cache
