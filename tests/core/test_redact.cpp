#include "core/secrets/redact.h"

#include <chrono>
#include <random>
#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::string_view prefixes[] = {"ms-", "mk-", "sk", "sk_live_", "live_long-prefix_"};

struct Row {
    std::string_view text;
    std::string_view redacted;
    std::size_t count;
};

constexpr Row whole_rows[] = {
    {"Bearer ms-abcdefghijklmnop end", "Bearer ms-abcde*********** end", 1},
    {"ms-short ms-", "ms-short ms-", 0},
    {"?key=%6ds-abcdefghijklmnop&b", "?key=%6ds-abcde***********&b", 1},
    {"?key=ms-abc%64efghijklmn%6fp", "?key=ms-abc%64e*************", 1},
    {"x sk_live_0123456789ab", "x sk_live_************", 1},
    {"% %6 %zz ms", "% %6 %zz ms", 0},
    {"", "", 0},
    {"nothing here", "nothing here", 0},
    {"ms-abcdefghijkl", "ms-abcde*******", 1},
    {"ms-abcdefghijk", "ms-abcdefghijk", 0},
    {"ms-0000000000000000000000000000000014VMmE", "ms-00000*********************************", 1},
    {"GET /x?key=ms-abcdefghijklmn&a=1 HTTP/1.1", "GET /x?key=ms-abcde*********&a=1 HTTP/1.1", 1},
    {"ms-abcdefghijkl ms-abcdefghijkl", "ms-abcde******* ms-abcde*******", 2},
    {"ms-abcdefghijkl,mk-ABCDEFGHIJKL", "ms-abcde*******,mk-ABCDE*******", 2},
    {"ms-ms-abcdefghijkl", "ms-ms-abcde*******", 1},
    {"Ms-abcdefghijkl", "Ms-abcdefghijkl", 0},
    {"ms_abcdefghijkl", "ms_abcdefghijkl", 0},
    {"xms-abcdefghijkl", "xms-abcde*******", 1},
    {"ms-abc-defghijklmnop", "ms-abc-defghijklmnop", 0},
    {"ms-abcdefghijkl-z", "ms-abcde*******-z", 1},
    {"skabcdefghijkl", "skabcdef******", 1},
    {"sksksksksksksksk", "sksksksk********", 1},
    {"live_long-prefix_abcdefghijkl", "live_lon*********************", 1},
    {"live_long-prefix_abc", "live_long-prefix_abc", 0},
    {"ms%2dabcdefghijkl", "ms%2dabcde*******", 1},
    {"ms%2Dabcdefghijkl", "ms%2Dabcde*******", 1},
    {"%6d%73%2dabcdefghijkl", "%6d%73%2dabcde*******", 1},
    {"ms-abcde%66ghijkl", "ms-abcde*********", 1},
    {"ms-%61%62%63%64%65%66%67%68%69%6a%6b%6c", "ms-%61%62%63%64%65*********************", 1},
    {"ms-abcdefghijkl%", "ms-abcde*******%", 1},
    {"ms-abcdefghijkl%2", "ms-abcde*******%2", 1},
    {"ms-abcdefghijkl%20z", "ms-abcde*******%20z", 1},
    {"ms-", "ms-", 0},
    {"m", "m", 0},
    {"%", "%", 0},
    {"%6d", "%6d", 0},
};

// A second key that begins inside the first one is masked as well.
constexpr Row overlapping_rows[] = {
    {"ms-abcdefghijklmnopms-abcdefghijklmnop", "ms-abcde******************************", 1},
    {"skaaaaaaaaaaaams-SECRETSECRET1", "skaaaaaa**********************", 1},
    {"skaaaaaaaaaaaaams-SECRETSECRET1", "skaaaaaa***********************", 1},
    {"skaaaaaaaaaaams-SECRETSECRET1", "skaaaaaa*********************", 1},
    {"ms-aaaaaaaaaaaamk-bbbbbbbbbbbbms-SECRETSECRET1", "ms-aaaaa**************************************", 1},
    {"ms-aaaaaaaaaaaams-SECRET", "ms-aaaaa*********-SECRET", 1},
    {"skaaaaaaaaams-SECRETSECRET1", "skaaaaaaaaams-SECRE********", 1},
};

constexpr Row truncated_rows[] = {
    {"ms-abcdefghijk", "ms-abcde******", 1},     {"ms-abcdef", "ms-abcde*", 1},
    {"ms-abcde%66", "ms-abcde***", 1},           {"x ms-abcdef y", "x ms-abcdef y", 0},
    {"ms-abcdefghijk y", "ms-abcdefghijk y", 0}, {"live_long-prefix_a", "live_lon**********", 1},
    {"ms-abcdef%6", "ms-abcde***", 1},           {"ms-abcdef%", "ms-abcde**", 1},
    {"ms-abcdef%z", "ms-abcdef%z", 0},
};

void check_rows(std::span<const Row> rows, bool truncated) {
    for (const Row& row : rows) {
        std::string text(row.text);
        const std::size_t count = redact_keys(text, prefixes, truncated);
        CHECK_TEXT(row.text, text, row.redacted);
        CHECK(row.text, count == row.count);
        redact_keys(text, prefixes, truncated);
        CHECK_TEXT(row.text, text, row.redacted);
    }
}

void keys_are_masked(void**) {
    check_rows(whole_rows, false);
}

void keys_that_touch_are_masked(void**) {
    check_rows(overlapping_rows, false);
}

void a_cut_off_key_is_masked(void**) {
    check_rows(truncated_rows, true);
}

void a_text_that_is_whole_keeps_short_words(void**) {
    for (const Row& row : truncated_rows) {
        std::string text(row.text);
        CHECK(row.text, redact_keys(text, prefixes, false) == 0);
        CHECK_TEXT(row.text, text, row.text);
    }
}

// has_key() agrees with redact_keys() on every text.
void check_has_key(std::string_view text) {
    std::string copy(text);
    const bool has = redact_keys(copy, prefixes, false) != 0;
    CHECK(text, has_key(text, prefixes) == has);
}

void whether_there_is_a_key_is_told_without_masking(void**) {
    for (const std::span<const Row> rows :
         {std::span<const Row>(whole_rows), std::span<const Row>(overlapping_rows), std::span<const Row>(truncated_rows)}) {
        for (const Row& row : rows) {
            for (std::size_t before = 0; before < 30; before++) { // at every offset
                check_has_key(std::string(before, ' ') + std::string(row.text));
                check_has_key(std::string(before, 'x') + std::string(row.text) + " end");
            }
        }
    }
    std::mt19937 random(15); // texts made of the parts of keys, most of them no keys
    constexpr std::string_view pieces[] = {"ms-", "sk", "k-", "abcdef", "ghijkl", "Z", "%6d", "%", "/", "-", "mk-A"};
    for (int round = 0; round < 20000; round++) {
        std::string text;
        for (std::size_t count = random() % 9; count > 0; count--) {
            text += pieces[random() % std::size(pieces)];
        }
        check_has_key(text);
    }
}

struct Secret {
    std::string_view text;
    std::string_view secret;
    std::string_view redacted;
};

void a_text_is_masked_however_it_is_spelled(void**) {
    constexpr Secret rows[] = {
        {"a=0123456789ab&b", "0123456789ab", "a=01234567****&b"},
        {"a=%301234567%389ab", "0123456789ab", "a=%301234567******"},
        {"0123456789ab0123456789ab", "0123456789ab", "01234567****01234567****"},
        {"0123456789a", "0123456789ab", "0123456789a"},
        {"a%20b/c+d=?", "a b/c+d=?", "a%20b/c+d=*"},
        {"", "0123456789ab", ""},
    };
    for (const Secret& row : rows) {
        std::string text(row.text);
        CHECK(row.text, has_text(text, row.secret) == (row.text != row.redacted));
        redact_text(text, row.secret);
        CHECK_TEXT(row.text, text, row.redacted);
    }
}

void no_prefix_no_key(void**) {
    std::string text = "ms-abcdefghijkl";
    assert_int_equal(redact_keys(text, {}, true), 0);
    assert_string_equal(text.c_str(), "ms-abcdefghijkl");
}

void any_bytes_are_safe(void**) {
    std::string text;
    for (int byte = 0; byte < 256; byte++) {
        text += static_cast<char>(byte);
        text += "ms-";
        text += static_cast<char>(byte);
    }
    const std::string before = text;
    redact_keys(text, prefixes, true);
    assert_int_equal(text.size(), before.size());
}

// These texts would take a quadratic scan minutes.
void long_texts_take_linear_time(void**) {
    std::string prefixes_only;
    std::string nested;
    while (prefixes_only.size() < 1'000'000) {
        prefixes_only += "ms-";
        nested += "skskskskskskskskms-";
    }
    for (std::string text :
         {prefixes_only, nested, std::string(1'000'000, 's'), "sk" + std::string(1'000'000, 'k'), std::string(1'000'000, '%')}) {
        const auto begin = std::chrono::steady_clock::now();
        redact_keys(text, prefixes, true);
        assert_true(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_masked),
        cmocka_unit_test(keys_that_touch_are_masked),
        cmocka_unit_test(a_cut_off_key_is_masked),
        cmocka_unit_test(a_text_that_is_whole_keeps_short_words),
        cmocka_unit_test(whether_there_is_a_key_is_told_without_masking),
        cmocka_unit_test(a_text_is_masked_however_it_is_spelled),
        cmocka_unit_test(no_prefix_no_key),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(long_texts_take_linear_time),
    };
    return cmocka_run_group_tests_name("redact", tests, nullptr, nullptr);
}
