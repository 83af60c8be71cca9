#include "core/usage_series.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'800'000'000'000; // 2027-01-15T08:00:00Z

void a_range_is_whole_buckets(void**) {
    const struct {
        std::string_view row;
        UsageBucket bucket;
        std::int64_t from_ms;
        std::int64_t until_ms;
        std::int64_t size; // 0: refused
    } rows[] = {
        {"the last hour", UsageBucket::minute, 0, 0, 60},
        {"the last day", UsageBucket::hour, 0, 0, 24},
        {"the last 30 days", UsageBucket::day, 0, 0, 30},
        {"one bucket", UsageBucket::hour, now_ms, now_ms + 1, 1},
        {"the end is not included", UsageBucket::hour, now_ms, now_ms + 3'600'000, 1},
        {"begun ones count", UsageBucket::hour, now_ms - 1, now_ms + 3'600'001, 3},
        {"no time", UsageBucket::hour, now_ms, now_ms - 3'600'000, 0},
        {"1500 minutes", UsageBucket::minute, now_ms - 1499 * 60'000, 0, 1500},
        {"1501 minutes", UsageBucket::minute, now_ms - 1500 * 60'000, 0, 0},
        {"before 1970", UsageBucket::day, -86'400'001, 0, 0},
    };
    for (const auto& row : rows) {
        const auto range = UsageRange::of(row.bucket, row.from_ms, row.until_ms, now_ms);
        CHECK(row.row, (range ? static_cast<std::int64_t>(range->size()) : 0) == row.size);
    }
}

void what_is_stored_is_read(void**) {
    UsageCounts counts{3, 10, 20, 83, {}};
    counts.refused[static_cast<std::size_t>(Reason::quota_exceeded)] = 2;
    UsageSeries series;
    for (const auto& [field, number] : counter_fields("a:b", counts)) {
        read_counter(field, number, series, 1, 3);
    }
    read_counter("nonsense:7", 1, series, 0, 3);
    read_counter("none", 1, series, 0, 3);
    assert_int_equal(series.size(), 1);
    const std::vector<UsageCounts>& read = series.at("a:b");
    assert_int_equal(read.size(), 3);
    CHECK("as it was", read[0] == UsageCounts{} && read[1] == counts && read[2] == UsageCounts{});
    CHECK("every field that there can be", counter_names("x").size() == 4 + reason_count - 1);
}

void is_written_with_the_busiest_first(void**) {
    const UsageRange range = *UsageRange::of(UsageBucket::day, now_ms, now_ms + 1, now_ms);
    UsageCounts few{1, 0, 0, 0, {}};
    few.refused[static_cast<std::size_t>(Reason::rate_limited)] = 4;
    const UsageSeries series{{"7", {few}}, {"8", {{2, 3, 4, 5, {}}}}};
    const std::string_view point8 = R"({"requests":2,"refused":{},"inputTokens":3,"outputTokens":4,"credits":"0.000005"})";
    const std::string text = dump(series_object(series, range, UsageGroup::key));
    CHECK_TEXT("first", text.substr(0, 46), R"({"bucket":"day","groupBy":"key","series":[{"ke)");
    CHECK(text, text.find("{\"keyId\":8,\"total\":" + std::string(point8)) == 42);
    CHECK(text, text.find(R"({"keyId":7,"total":{"requests":1,"refused":{"rate_limited":4},)") != std::string::npos);
    CHECK(text, text.find(R"("points":[{"at":"2027-01-15T00:00:00Z","requests":2,)") != std::string::npos);
    CHECK_TEXT("by model", dump(series_object({{"m", {few}}}, range, UsageGroup::model)).substr(0, 55),
               R"({"bucket":"day","groupBy":"model","series":[{"model":"m)");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_range_is_whole_buckets),
        cmocka_unit_test(what_is_stored_is_read),
        cmocka_unit_test(is_written_with_the_busiest_first),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
