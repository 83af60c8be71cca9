#include "core/text/number.h"

#include "core/text/printable.h"
#include "lib/check.h"

namespace {

using api_key::printable;
using api_key::signed_number;
using api_key::whole_number;

void whole_numbers_are_digits_and_nothing_else(void**) {
    constexpr struct {
        std::string_view text;
        std::uint64_t number;
    } good[] = {{"0", 0}, {"7", 7}, {"007", 7}, {"18446744073709551615", UINT64_MAX}};
    for (const auto& [text, number] : good) {
        CHECK(text, whole_number(text) == number);
    }
    for (const std::string_view text : {"", " 7", "7 ", "-7", "+7", "7.0", "7a", "0x7", "18446744073709551616"}) {
        CHECK(text, !whole_number(text));
    }
}

void signed_numbers_may_have_a_minus(void**) {
    CHECK("-7", signed_number("-7") == -7);
    CHECK("the least", signed_number("-9223372036854775808") == INT64_MIN);
    for (const std::string_view text : {"", "-", "+7", "--7", "9223372036854775808"}) {
        CHECK(text, !signed_number(text));
    }
}

void what_a_log_shows_is_short_and_one_line_of_ascii(void**) {
    CHECK_TEXT("line break", printable("a\nb\xc3\xa9"), "a?b??");
    CHECK_TEXT("spaces at the end", printable(" a  "), " a");
    CHECK_TEXT("nothing but spaces", printable("   "), "");
    CHECK("long", printable(std::string(1000, 'x')).size() == 200);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_digits_and_nothing_else),
        cmocka_unit_test(signed_numbers_may_have_a_minus),
        cmocka_unit_test(what_a_log_shows_is_short_and_one_line_of_ascii),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
