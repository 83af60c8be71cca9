#include "core/secrets/key_text.h"

#include <algorithm>
#include <array>
#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

// Computed with Python's zlib.crc32.
struct Known {
    std::string_view prefix;
    std::string_view text;
};
constexpr Known known[] = {
    {"ms-", "ms-0000000000000000000000000000000014VMmE"},
    {"ms-", "ms-abcdefghijklmnopqrstuvwxyzABCDEF4bDutw"},
    {"ms-", "ms-0000000000000000000000000000037100eSCE"},
    {"mk-", "mk-abcdefghijklmnopqrstuvwxyzABCDEF0cSs0k"},
    {"sk-", "sk-00000000000000000000000000000000365VC5"},
    {"x", "xabcdefghijklmnopqrstuvwxyzABCDEF0G3m5m"},
    {"a_b-C9", "a_b-C9abcdefghijklmnopqrstuvwxyzABCDEF1rwuLB"},
    {"pppppppppppppppppppppppppppppppp", "pppppppppppppppppppppppppppppppp000000000000000000000000000000003FBEL4"},
};

std::uint8_t next_byte = 0;
int calls = 0;

bool counting_bytes(std::span<std::uint8_t> out) {
    calls++;
    for (std::uint8_t& byte : out) {
        byte = next_byte++;
    }
    return true;
}

bool even_bytes(std::span<std::uint8_t> out) {
    static std::uint64_t state = 1;
    for (std::uint8_t& byte : out) {
        state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        byte = static_cast<std::uint8_t>(state >> 56U);
    }
    return true;
}

bool no_bytes(std::span<std::uint8_t>) {
    return false;
}

bool biased_bytes_first(std::span<std::uint8_t> out) {
    const std::uint8_t byte = calls++ == 0 ? 248 : 61;
    for (std::uint8_t& one : out) {
        one = byte;
    }
    return true;
}

bool bytes_then_failure(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        byte = 255;
    }
    return calls++ == 0;
}

bool zeros(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return true;
}

void known_texts_are_keys(void**) {
    for (const Known& row : known) {
        CHECK(row.text, is_key_text(row.text, row.prefix));
        CHECK(row.text, !is_key_text(row.text, "zz-"));
        CHECK(row.text, !is_key_text(row.text, ""));
    }
}

void any_changed_character_is_noticed(void**) {
    for (const Known& row : known) {
        for (std::size_t index = 0; index < row.text.size(); index++) {
            for (const char c : {'0', 'Z', 'q', '-', '*', '\0', '\xff'}) {
                std::string changed(row.text);
                changed[index] = c;
                CHECK(changed, changed == row.text || !is_key_text(changed, row.prefix));
            }
        }
    }
}

void swapped_neighbours_are_noticed(void**) {
    const std::string text(known[1].text);
    for (std::size_t index = 3; index + 1 < text.size(); index++) {
        std::string changed = text;
        std::swap(changed[index], changed[index + 1]);
        CHECK(changed, changed == text || !is_key_text(changed, "ms-"));
    }
}

void another_length_is_no_key(void**) {
    const std::string text(known[0].text);
    for (std::size_t size = 0; size < text.size(); size++) {
        CHECK(text.substr(0, size), !is_key_text(std::string_view(text).substr(0, size), "ms-"));
    }
    for (const std::string& longer : {text + "0", text + " ", " " + text, text + std::string(1, '\0'), text + std::string(70'000, '0')}) {
        CHECK(longer.substr(0, 60), !is_key_text(longer, "ms-"));
    }
}

void the_prefix_is_part_of_the_checksum(void**) {
    std::string text(known[0].text);
    text.replace(0, 3, "mk-");
    assert_false(is_key_text(text, "mk-"));
}

void a_made_key_is_a_key(void**) {
    next_byte = 0;
    calls = 0;
    for (const Known& row : known) {
        const std::optional<std::string> text = make_key_text(row.prefix, counting_bytes);
        CHECK(row.prefix, text.has_value());
        CHECK(*text, text->size() == row.prefix.size() + key_body_length);
        CHECK(*text, is_key_text(*text, row.prefix));
    }
    assert_string_equal(make_key_text("ms-", zeros)->c_str(), std::string(known[0].text).c_str());
    next_byte = 0;
    assert_string_equal(make_key_text("ms-", counting_bytes)->substr(0, 35).c_str(), "ms-0123456789ABCDEFGHIJKLMNOPQRSTUV");
}

// 256 is no multiple of 62: a byte from 248 on would make the first eight digits more likely.
void bytes_that_would_bias_are_drawn_again(void**) {
    calls = 0;
    const std::optional<std::string> text = make_key_text("ms-", biased_bytes_first);
    assert_int_equal(calls, 2);
    assert_string_equal(text->substr(3, key_random_length).c_str(), std::string(key_random_length, 'z').c_str());

    next_byte = 240; // 240 to 247 are below 248, 248 to 255 are not used
    assert_string_equal(make_key_text("ms-", counting_bytes)->substr(3, 12).c_str(), "stuvwxyz0123");

    // Without that the first eight digits would come up a quarter more often.
    std::array<int, 128> counts{};
    for (int round = 0; round < 20'000; round++) {
        const std::optional<std::string> one = make_key_text("k", even_bytes);
        for (const char c : one->substr(1, key_random_length)) {
            counts[static_cast<std::size_t>(c)]++;
        }
    }
    int least = counts['0'];
    int most = counts['0'];
    for (std::size_t c = 0; c < counts.size(); c++) {
        if (is_base62(static_cast<char>(c))) {
            least = std::min(least, counts[c]);
            most = std::max(most, counts[c]);
        }
    }
    assert_true(least > 0 && most - least <= most / 10);
}

void a_failed_random_source_makes_nothing(void**) {
    assert_false(make_key_text("ms-", no_bytes).has_value());
    calls = 0;
    assert_false(make_key_text("ms-", bytes_then_failure).has_value());
    assert_int_equal(calls, 2);
}

void eight_characters_are_shown(void**) {
    assert_true(shown_prefix(known[1].text) == "ms-abcde");
    assert_true(shown_prefix("ms-") == "ms-");
    assert_true(shown_prefix("").empty());
    assert_true(shown_prefix("pppppppppppp") == "pppppppp");
}

void what_a_prefix_may_be(void**) {
    const std::string longest(key_prefix_max_length, 'a');
    for (const std::string& prefix :
         {std::string("ms-"), std::string("s"), std::string("_"), std::string("-"), std::string("sk_live_9Z"), longest}) {
        CHECK(prefix, is_key_prefix(prefix));
    }
    for (const std::string& prefix : {std::string(), longest + "a", std::string("ms "), std::string("ms."), std::string("m%s"),
                                      std::string("m\xc3\xa4"), std::string("ms\0", 3), std::string("a/b"), std::string("ms\n")}) {
        CHECK(prefix, !is_key_prefix(prefix));
    }
}

void the_alphabet_has_62_characters(void**) {
    int count = 0;
    for (int c = 0; c < 256; c++) {
        count += is_base62(static_cast<char>(c)) ? 1 : 0;
    }
    assert_int_equal(count, 62);
    for (const char c : {'/', ':', '@', '[', '`', '{', '-', '_', '\0', '\x80', '\xe1'}) {
        CHECK(std::string(1, c), !is_base62(c));
    }
}

void keys_made_elsewhere_have_the_form_of_their_prefix(void**) {
    const std::string ours = *make_key_text("ms-", [](std::span<std::uint8_t> bytes) {
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
        return true;
    });
    const std::array<KeyForm, 4> forms{{{"", true}, {"sk-", true}, {"sk-live-", true}, {"ms-", false}}};
    const auto form_of = [&](std::string_view text) { return key_form_of(text, forms).value_or(9); };
    CHECK("ours", form_of(ours) == 3);
    CHECK("a prefix of ours without the checksum", form_of("ms-x") == 0);
    CHECK("a prefix", form_of("sk-a/b+c=d") == 1);
    CHECK("the longest prefix", form_of("sk-live-1") == 2);
    CHECK("nothing after the prefix", form_of("sk-live-") == 1);
    CHECK("empty", form_of("") == 9);
    CHECK("a blank", form_of("sk-a b") == 9);
    CHECK("a control character", form_of("sk-a\x7f") == 9);
    CHECK("as long as may be", form_of("sk-" + std::string(foreign_key_max_length - 3, 'x')) == 1);
    CHECK("longer", form_of("sk-" + std::string(foreign_key_max_length - 2, 'x')) == 9);
    CHECK("no empty prefix", !key_form_of("x", std::span(forms).subspan(1)));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_are_keys),
        cmocka_unit_test(any_changed_character_is_noticed),
        cmocka_unit_test(swapped_neighbours_are_noticed),
        cmocka_unit_test(another_length_is_no_key),
        cmocka_unit_test(the_prefix_is_part_of_the_checksum),
        cmocka_unit_test(a_made_key_is_a_key),
        cmocka_unit_test(bytes_that_would_bias_are_drawn_again),
        cmocka_unit_test(a_failed_random_source_makes_nothing),
        cmocka_unit_test(keys_made_elsewhere_have_the_form_of_their_prefix),
        cmocka_unit_test(eight_characters_are_shown),
        cmocka_unit_test(what_a_prefix_may_be),
        cmocka_unit_test(the_alphabet_has_62_characters),
    };
    return cmocka_run_group_tests_name("key_text", tests, nullptr, nullptr);
}
