#include "core/text/time_text.h"

#include <limits>
#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

void times_that_are_read(void**) {
    const struct {
        std::string_view text;
        std::int64_t unix_ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"2025-12-31T00:00:00Z", 1'767'139'200'000},
        {"2025-12-31t00:00:00z", 1'767'139'200'000},
        {"2025-12-31 00:00:00Z", 1'767'139'200'000},
        {"2025-12-31T00:00:00+00:00", 1'767'139'200'000},
        {"2025-12-31T00:00:00-00:00", 1'767'139'200'000},
        {"2024-01-15T10:00:00+05:30", 1'705'293'000'000},
        {"2024-01-15T10:00:00-08:00", 1'705'341'600'000},
        {"1970-01-01T23:59:00+23:59", 0},
        {"1969-12-31T23:00:00-01:00", 0},
        {"2024-02-29T12:34:56Z", 1'709'210'096'000},
        {"2000-02-29T23:59:59Z", 951'868'799'000},
        {"2038-01-19T03:14:08Z", 2'147'483'648'000},
        {"2025-12-31T00:00:00.1Z", 1'767'139'200'100},
        {"2025-12-31T00:00:00.25Z", 1'767'139'200'250},
        {"2025-12-31T00:00:00.999999999Z", 1'767'139'200'999},
        {"2025-12-31T00:00:00.0000000000000000000000000000000000001Z", 1'767'139'200'000},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000},
        {"2016-12-31T23:59:60.5Z", 1'483'228'800'500},
        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
    };
    for (const auto& row : rows) {
        CHECK(row.text, parse_rfc3339_ms(row.text) == row.unix_ms);
    }
}

void times_that_are_refused(void**) {
    for (const std::string_view text : {
             "",
             "2025",
             "2025-12-31",
             "2025-12-31T00:00:00",
             "2025-12-31T00:00Z",
             "20251231T000000Z",
             "2025-12-31T00:00:00+0000",
             "2025-12-31T00:00:00+00",
             "2025-12-31T00:00:00 Z",
             "2025-12-31T00:00:00Z ",
             " 2025-12-31T00:00:00Z",
             "2025-12-31T00:00:00Zx",
             "2025-12-31T00:00:00.Z",
             "2025-12-31T00:00:00,5Z",
             "2025-12-31T00:00:00.5",
             "2025-12-31T24:00:00Z",
             "2025-12-31T00:60:00Z",
             "2025-12-31T00:00:61Z",
             "2025-12-31T00:00:60Z",
             "2016-12-31T23:59:60+01:00",
             "2016-12-31T22:59:60Z",
             "2025-13-01T00:00:00Z",
             "2025-00-01T00:00:00Z",
             "2025-01-00T00:00:00Z",
             "2025-01-32T00:00:00Z",
             "2025-04-31T00:00:00Z",
             "2025-02-29T00:00:00Z",
             "1900-02-29T00:00:00Z",
             "2100-02-29T00:00:00Z",
             "1969-12-31T23:59:59Z",
             "1969-12-31T23:59:59.999Z",
             "1970-01-01T00:00:00+00:01",
             "0000-01-01T00:00:00Z",
             "9999-12-31T23:59:60Z",
             "9999-12-31T23:59:59-00:01",
             "10000-01-01T00:00:00Z",
             "+2025-12-31T00:00:00Z",
             "-2025-12-31T00:00:00Z",
             "2025-1-01T00:00:00Z",
             "2025-01-01T0:00:00Z",
             "2025-01-01T00:00:00+24:00",
             "2025-01-01T00:00:00+00:60",
             "2025-01-01T00:00:00*00:00",
             "2025/01/01T00:00:00Z",
             "2025-01-01X00:00:00Z",
             "1735689600",
             "tomorrow",
             "2025-01-01T00:00:00UTC",
             "2025-01-01T00:00:00+-1:00",
             "\xd9\xa2"
             "025-01-01T00:00:00Z",
         }) {
        CHECK(text, !parse_rfc3339_ms(text).has_value());
    }
    assert_false(parse_rfc3339_ms(std::string_view("2025-12-31T00:00:00Z\0", 21)).has_value());
}

void every_prefix_of_a_time_is_refused(void**) {
    const std::string text = "2025-12-31T00:00:00.250+01:00";
    for (std::size_t size = 0; size < text.size(); size++) {
        CHECK(text.substr(0, size), !parse_rfc3339_ms(std::string_view(text).substr(0, size)).has_value());
    }
    assert_true(parse_rfc3339_ms(text).has_value());
}

void times_that_are_written(void**) {
    const struct {
        std::int64_t unix_ms;
        std::string_view text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {1'705'312'800'000, "2024-01-15T10:00:00Z"},
        {1'705'312'800'250, "2024-01-15T10:00:00.250Z"},
        {1'709'210'096'000, "2024-02-29T12:34:56Z"},
        {253'402'300'799'999, "9999-12-31T23:59:59.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-62'167'219'200'000, "0000-01-01T00:00:00Z"},
        {std::numeric_limits<std::int64_t>::min(), "0000-01-01T00:00:00Z"},
        {std::numeric_limits<std::int64_t>::max(), "9999-12-31T23:59:59.999Z"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.text, format_rfc3339(row.unix_ms), row.text);
    }
}

void what_is_written_is_read(void**) {
    for (std::int64_t unix_ms = 0; unix_ms < 253'402'300'800'000; unix_ms += 12'345'678'917) {
        const std::string text = format_rfc3339(unix_ms);
        CHECK(text, parse_rfc3339_ms(text) == unix_ms);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(times_that_are_read),
        cmocka_unit_test(times_that_are_refused),
        cmocka_unit_test(every_prefix_of_a_time_is_refused),
        cmocka_unit_test(times_that_are_written),
        cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests_name("time_text", tests, nullptr, nullptr);
}
