#include "core/text/money.h"

#include <limits>
#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

void amounts_that_are_read(void**) {
    const struct {
        std::string_view text;
        std::int64_t micro;
    } rows[] = {
        {"0", 0},
        {"25", 25'000'000},
        {"25.5", 25'500'000},
        {"25.50", 25'500'000},
        {"25.000000", 25'000'000},
        {"0.000001", 1},
        {"0.1", 100'000},
        {"0.100000", 100'000},
        {"007", 7'000'000},
        {"000000000000000000000000000000001", 1'000'000},
        {"999999999.999999", 999'999'999'999'999},
        {"1000000000", money_max_micro},
        {"1000000000.000000", money_max_micro},
    };
    for (const auto& row : rows) {
        CHECK(row.text, parse_micro_credits(row.text) == row.micro);
    }
}

void amounts_that_are_refused(void**) {
    for (const std::string_view text : {"",
                                        " ",
                                        ".",
                                        ".5",
                                        "5.",
                                        "-1",
                                        "+1",
                                        "-0",
                                        "1e3",
                                        "1E3",
                                        "1.5e1",
                                        "0.0000001",
                                        "1.0000000",
                                        "1,5",
                                        "1 ",
                                        " 1",
                                        "1.5.5",
                                        "0x10",
                                        "1_000",
                                        "inf",
                                        "nan",
                                        "1000000000.000001",
                                        "1000000001",
                                        "99999999999999999999999999",
                                        "18446744073709551617",
                                        "1\n",
                                        "1.\xd9\xa1",
                                        "\xd9\xa1",
                                        "1.-5",
                                        "1. 5",
                                        "9223372036855"}) {
        CHECK(text, !parse_micro_credits(text).has_value());
    }
    assert_false(parse_micro_credits(std::string_view("1\0", 2)).has_value());
    assert_false(parse_micro_credits(std::string_view("1.5\0", 4)).has_value());
}

void amounts_that_are_written(void**) {
    const struct {
        std::int64_t micro;
        std::string_view text;
    } rows[] = {
        {0, "0.000000"},
        {1, "0.000001"},
        {25'000'000, "25.000000"},
        {1'500'000, "1.500000"},
        {-500'000, "-0.500000"},
        {-1, "-0.000001"},
        {-25'000'000, "-25.000000"},
        {money_max_micro, "1000000000.000000"},
        {std::numeric_limits<std::int64_t>::max(), "9223372036854.775807"},
        {std::numeric_limits<std::int64_t>::min(), "-9223372036854.775808"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.text, format_micro_credits(row.micro), row.text);
    }
}

void what_is_written_is_read(void**) {
    for (std::int64_t micro = 0; micro <= money_max_micro; micro = micro * 3 + 7) {
        const std::string text = format_micro_credits(micro);
        CHECK(text, parse_micro_credits(text) == micro);
    }
}

void decimals_that_are_scaled(void**) {
    constexpr std::int64_t most = 1'000'000;
    const struct {
        std::string_view number;
        int decimals;
        std::int64_t scaled; // -1: refused
    } rows[] = {
        {"0", 6, 0},
        {"0.0", 6, 0},
        {"1", 6, 1'000'000},
        {"1.0000001", 6, -1},
        {"2", 6, -1},
        {"0.000285", 6, 285},
        {"2.85e-05", 6, 29},
        {"2.85E-05", 9, 28'500},
        {"2.85e+1", 0, 29},
        {"1e-30", 6, 1},
        {"0e99999", 6, -1},
        {"1e99999999999999999999", 6, -1},
        {"9223372036854775808", 0, -1},
        {"-1", 6, -1},
        {"-0.5", 6, -1},
        {"", 6, -1},
        {".", 6, -1},
        {"1e", 6, -1},
        {"0x10", 6, -1},
        {"nan", 6, -1},
        {"1 ", 6, -1},
        {"1,5", 6, -1},
    };
    for (const auto& row : rows) {
        CHECK(row.number, scaled_decimal(row.number, row.decimals, most).value_or(-1) == row.scaled);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(amounts_that_are_read),   cmocka_unit_test(amounts_that_are_refused), cmocka_unit_test(amounts_that_are_written),
        cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(decimals_that_are_scaled),
    };
    return cmocka_run_group_tests_name("money", tests, nullptr, nullptr);
}
