#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

#include "core/key_text.h"
#include "core/redact.h"
#include "lib/check.h"

using namespace api_key;

namespace {

bool zeros(std::span<std::uint8_t> bytes) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
    return true;
}

bool no_randomness(std::span<std::uint8_t>) {
    return false;
}

// Bytes that would favour the first digits have to be thrown away.
bool biased(std::span<std::uint8_t> bytes) {
    static std::uint8_t next = 240;
    for (std::uint8_t& byte : bytes) {
        byte = next++;
    }
    return true;
}

void makes_keys_that_are_keys(void**) {
    for (const char* prefix : {"ms-", "sk_live_", "a"}) {
        const auto text = make_key_text(prefix, zeros);
        CHECK(prefix, text.has_value());
        CHECK(prefix, text->size() == std::string_view(prefix).size() + key_body_length);
        CHECK(prefix, is_key_text(*text, prefix));
    }
    CHECK("no randomness", !make_key_text("ms-", no_randomness).has_value());
    const auto text = make_key_text("ms-", biased);
    CHECK_TEXT("", text->substr(3, 8), "stuvwxyz"); // 240 to 247 are below 248, 248 to 255 are not used
    CHECK_TEXT("", text->substr(11, 4), "0123");
}

// The checksum by another implementation (zlib's crc32 in Python), so that keys stay good over the years.
void has_the_documented_checksum(void**) {
    CHECK_TEXT("", *make_key_text("ms-", zeros), "ms-0000000000000000000000000000000014VMmE");
}

void refuses_what_is_no_key(void**) {
    const std::string good = *make_key_text("ms-", zeros);
    std::vector<std::string> bad{"",         "ms-",     good.substr(1), good.substr(0, good.size() - 1), good + "0", "mk-" + good.substr(3),
                                 " " + good, good + " "};
    for (std::size_t index = 0; index < good.size(); index++) {
        for (const char c : {'1', '-', ' ', '\0', '\n', '\x80'}) {
            std::string changed = good;
            changed[index] = c;
            if (changed != good) {
                bad.push_back(changed);
            }
        }
    }
    for (const std::string& text : bad) {
        CHECK(text, !is_key_text(text, "ms-"));
    }
}

void knows_prefixes(void**) {
    for (const char* good : {"ms-", "sk_live_", "A", "0123456789012345678901234567890-"}) {
        CHECK(good, is_key_prefix(good));
    }
    for (const char* bad : {"", "a b", "a.", "ä", "01234567890123456789012345678901x"}) {
        CHECK(bad, !is_key_prefix(bad));
    }
    CHECK_TEXT("", shown_prefix("ms-0123456789"), "ms-01234");
    CHECK_TEXT("", shown_prefix("ms-"), "ms-");
}

void masks_keys_in_logs(void**) {
    struct Row {
        const char* text;
        const char* expected;
        bool truncated;
    };
    constexpr std::array<std::string_view, 2> prefixes{"ms-", "sk_live_"};
    for (const Row& row :
         {Row{"Bearer ms-abcdefghijklmnop end", "Bearer ms-abcde*********** end", false}, Row{"ms-short ms-", "ms-short ms-", false},
          Row{"?key=%6ds-abcdefghijklmnop&b", "?key=%6ds-abcde***********&b", false},
          Row{"?key=ms-abc%64efghijklmn%6fp", "?key=ms-abc%64e*************", false},
          Row{"ms-abcdefghijklmnopms-abcdefghijklmnop", "ms-abcde*************-abcdefghijklmnop", false},
          Row{"x sk_live_0123456789ab", "x sk_live_************", false}, Row{"cut off ms-abcdef", "cut off ms-abcde*", true},
          Row{"cut off ms-abcdef", "cut off ms-abcdef", false}, Row{"% %6 %zz ms", "% %6 %zz ms", true}, Row{"", "", true}}) {
        std::string text = row.text;
        redact_keys(text, prefixes, row.truncated);
        CHECK_TEXT(row.text, text, row.expected);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(makes_keys_that_are_keys), cmocka_unit_test(has_the_documented_checksum), cmocka_unit_test(refuses_what_is_no_key),
        cmocka_unit_test(knows_prefixes),           cmocka_unit_test(masks_keys_in_logs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
