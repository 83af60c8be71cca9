#include "core/text/utf8.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void the_length_of_a_character(void**) {
    const struct {
        std::string_view text;
        std::size_t length;
    } rows[] = {
        {"", 0},
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xc2\x80", 2},
        {"\xc3\xa4", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xc0\x80", 0}, // overlong
        {"\xc1\xbf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xed\xa0\x80", 0}, // half a surrogate pair
        {"\xed\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0}, // beyond U+10FFFF
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"\xc3", 0}, // cut off
        {"\xe2\x82", 0},
        {"\xf0\x9f\x98", 0},
        {"\xc3(", 0},
        {"\xe2\x82(", 0},
        {"\xf0\x9f\x98(", 0},
    };
    for (const auto& row : rows) {
        CHECK(row.text, utf8_length(row.text) == row.length);
    }
}

void what_is_not_utf8_is_replaced(void**) {
    const struct {
        std::string_view text;
        std::string_view clean;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc3(", "\xef\xbf\xbd("},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.text, replace_invalid_utf8(row.text), row.clean);
    }
}

void plain_text_has_no_control_characters(void**) {
    for (const std::string_view text : {"", " ", "a b", "~", "\xc2\xa0", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
        CHECK(text, is_plain_text(text));
    }
    for (const std::string_view text :
         {"\n", "a\tb", "\r", "\x1b[0m", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f", "\xff", "a\xc3", "\xed\xa0\x80"}) {
        CHECK(text, !is_plain_text(text));
    }
    assert_false(is_plain_text(std::string_view("\0", 1)));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_length_of_a_character),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(plain_text_has_no_control_characters),
    };
    return cmocka_run_group_tests_name("utf8", tests, nullptr, nullptr);
}
