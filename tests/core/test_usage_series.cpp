#include "core/logs/usage_series.h"

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
    for (const auto& [what, number] : counters_of(counts)) {
        const std::string field = std::string(what) + ":a:b";
        const std::optional<CounterField> read = parse_counter_field(field);
        CHECK(field, read && read->name == "a:b" && counter_of(counts, read->kind) == number);
    }
    for (const std::string_view field : {"nonsense:7", "none", "none:7", "ok:7", "", ":"}) {
        CHECK(field, !parse_counter_field(field));
    }
    assert_int_equal(counters_of(counts).size(), 5);
}

void the_busiest_are_found(void**) {
    UsageRanking ranking;
    const auto add = [&](const char* name, std::int64_t number, std::size_t bucket) { ranking.add({0, name}, number, bucket); };
    add("few", 1, 0);
    add("many", 2, 0);
    add("many", 2, 0); // the same counter again
    add("b", 2, 1);
    add("a", 2, 1);
    add("many", 3, 2);
    ranking.add({5, "refused"}, 9, 2);
    ranking.add({3, "many"}, 7, 2);
    std::string order;
    while (const auto one = ranking.next()) {
        order += one->name + "=" + std::to_string(one->amount) + "/" + std::to_string(one->kinds) + " ";
    }
    CHECK_TEXT("by requests, then by name", order, "many=5/9 a=2/1 b=2/1 few=1/1 refused=0/32 ");
    UsageRanking by_credits(UsageOrder::credits);
    by_credits.add({0, "busy"}, 9, 0);
    by_credits.add({3, "busy"}, 1, 0);
    by_credits.add({3, "costly"}, 7, 0);
    by_credits.add({3, "costly"}, 7, 1);
    const auto costly = by_credits.next();
    assert_true(costly && costly->name == "costly" && costly->amount == 14);
}

void is_written_as_json(void**) {
    const UsageRange range = *UsageRange::of(UsageBucket::day, now_ms, now_ms + 1, now_ms);
    UsageCounts counts{1, 3, 4, 5, {}};
    counts.refused[static_cast<std::size_t>(Reason::rate_limited)] = 4;
    NamedSeries series{"8", {}, {}};
    series.add_point(range.begin_ms(0), counts);
    series.add_point(range.begin_ms(0), UsageCounts{});
    const auto written = [&](const std::vector<NamedSeries>& all, UsageGroup group) {
        std::string text;
        for (const std::string& piece : write_series(all, range, group)) {
            text += piece;
        }
        return text;
    };
    const std::string_view total = R"({"requests":1,"refused":{"rate_limited":4},"inputTokens":3,"outputTokens":4,"credits":"0.000005"})";
    CHECK_TEXT("counts", write_counts(counts), total);
    CHECK_TEXT(
        "two series", written({series, {"9", {}, {}}}, UsageGroup::key),
        R"({"bucket":"day","groupBy":"key","series":[{"keyId":8,"total":)" + std::string(total) +
            R"(,"points":[{"at":"2027-01-15T00:00:00Z",)" + std::string(total.substr(1)) +
            R"(,{"at":"2027-01-15T00:00:00Z","requests":0,"refused":{},"inputTokens":0,"outputTokens":0,"credits":"0.000000"}]},)" +
            R"({"keyId":9,"total":{"requests":0,"refused":{},"inputTokens":0,"outputTokens":0,"credits":"0.000000"},"points":[]}]})");
    CHECK_TEXT("none", written({}, UsageGroup::model), R"({"bucket":"day","groupBy":"model","series":[]})");
    const std::string odd = written({{"a\"\n", {}, {}}}, UsageGroup::model);
    CHECK(odd, odd.find(R"([{"model":"a\"\n","total":)") != std::string::npos);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_range_is_whole_buckets),
        cmocka_unit_test(what_is_stored_is_read),
        cmocka_unit_test(the_busiest_are_found),
        cmocka_unit_test(is_written_as_json),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
