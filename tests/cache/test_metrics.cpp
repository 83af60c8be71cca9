#include "cache/metrics.h"

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key;
using namespace api_key::cache;

namespace {

void sums_up_what_all_workers_count(void**) {
    const test::Memory memory;
    const Zone zone = *Zone::format(memory.span(), test::no_mutex());
    for (std::size_t worker = 0; worker < 100; worker++) {
        Metrics metrics(zone, worker);
        metrics.add(Counter::grants);
        metrics.add(Counter::results, static_cast<std::size_t>(Reason::store_unavailable), 2);
    }
    const Metrics metrics(zone, 0);
    assert_int_equal(metrics.sum(Counter::grants), 100);
    assert_int_equal(metrics.sum(Counter::results, static_cast<std::size_t>(Reason::store_unavailable)), 200);
    assert_int_equal(metrics.sum(Counter::cache_results), 0);
}

void a_duration_is_in_one_bucket(void**) {
    const struct {
        std::uint64_t duration_ns;
        std::size_t bucket;
    } rows[] = {{0, 0}, {10'000, 0}, {10'001, 1}, {250'000'000, 13}, {250'000'001, 14}, {std::uint64_t{1} << 40U, 14}};
    for (const auto& row : rows) {
        const test::Memory memory;
        const Zone zone = *Zone::format(memory.span(), test::no_mutex());
        Metrics metrics(zone, 3);
        metrics.observe(Histogram::store, row.duration_ns);
        const HistogramCounts counts = metrics.sum(Histogram::store);
        CHECK(std::to_string(row.duration_ns), counts.sum_ns == row.duration_ns);
        for (std::size_t bucket = 0; bucket < counts.buckets.size(); bucket++) {
            CHECK(std::to_string(row.duration_ns), counts.buckets[bucket] == (bucket == row.bucket ? 1U : 0U));
        }
        CHECK("the other one", metrics.sum(Histogram::decision).buckets[row.bucket] == 0);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sums_up_what_all_workers_count),
        cmocka_unit_test(a_duration_is_in_one_bucket),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
