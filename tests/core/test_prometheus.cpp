#include "core/documents/prometheus.h"

#include <array>

#include "lib/check.h"

namespace {

using namespace api_key;

void writes_samples(void**) {
    PrometheusText page;
    page.metric("requests_total", "counter", "Requests.");
    page.sample(3);
    page.sample(4, "result", "ok");
    page.sample_decimal("0.000001", "model", "a\"b\\c\nd");
    CHECK_TEXT("page", page.text(),
               "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total 3\nrequests_total{result=\"ok\"} 4\n"
               "requests_total{model=\"a\\\"b\\\\c\\nd\"} 0.000001\n");
}

void adds_buckets_up(void**) {
    constexpr std::array<std::uint64_t, 3> bounds{10'000, 2'500'000, 1'000'000'000};
    constexpr std::array<std::uint64_t, 4> counts{1, 2, 0, 4};
    PrometheusText page;
    page.metric("time_seconds", "histogram", "Time.");
    page.histogram(bounds, counts, 12'345'678'900);
    CHECK_TEXT("page", page.text(),
               "# HELP time_seconds Time.\n# TYPE time_seconds histogram\ntime_seconds_bucket{le=\"0.00001\"} 1\n"
               "time_seconds_bucket{le=\"0.0025\"} 3\ntime_seconds_bucket{le=\"1\"} 3\ntime_seconds_bucket{le=\"+Inf\"} 7\n"
               "time_seconds_sum 12.3456789\ntime_seconds_count 7\n");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(writes_samples),
        cmocka_unit_test(adds_buckets_up),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
