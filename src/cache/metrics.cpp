#include "cache/metrics.h"

#include <algorithm>

namespace api_key::cache {

namespace {

static_assert(index_of(Counter::end) <= MetricsSlot::counter_count, "give the slot more room, and raise layout_version");
static_assert(static_cast<std::size_t>(Histogram::end) == MetricsSlot::histogram_count);
static_assert(histogram_bounds_ns.size() + 2 == MetricsSlot::histogram_size);

constexpr std::size_t sum_index = MetricsSlot::histogram_size - 1;

} // namespace

void Metrics::observe(Histogram histogram, std::uint64_t duration_ns) {
    const auto* const bound = std::lower_bound(histogram_bounds_ns.begin(), histogram_bounds_ns.end(), duration_ns);
    auto& counts = mine_.histograms[static_cast<std::size_t>(histogram)];
    counts[static_cast<std::size_t>(bound - histogram_bounds_ns.begin())].fetch_add(1, std::memory_order_relaxed);
    counts[sum_index].fetch_add(duration_ns, std::memory_order_relaxed);
}

std::uint64_t Metrics::sum(Counter counter, std::size_t kind) const {
    std::uint64_t all = 0;
    for (const MetricsSlot& slot : slots_) {
        all += slot.counters[static_cast<std::size_t>(counter) + kind].load(std::memory_order_relaxed);
    }
    return all;
}

HistogramCounts Metrics::sum(Histogram histogram) const {
    HistogramCounts all;
    for (const MetricsSlot& slot : slots_) {
        const auto& counts = slot.histograms[static_cast<std::size_t>(histogram)];
        for (std::size_t bucket = 0; bucket < all.buckets.size(); bucket++) {
            all.buckets[bucket] += counts[bucket].load(std::memory_order_relaxed);
        }
        all.sum_ns += counts[sum_index].load(std::memory_order_relaxed);
    }
    return all;
}

} // namespace api_key::cache
