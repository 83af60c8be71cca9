#include <algorithm>

#include "core/pepper.h"
#include "lib/check.h"

using namespace api_key;

namespace {

const std::string sixteen(32, 'a'); // 16 bytes in hex

bool counted(std::span<std::uint8_t> bytes) {
    static std::uint8_t next = 0;
    std::generate(bytes.begin(), bytes.end(), [] { return next++; });
    return true;
}

void reads_versions_in_order(void**) {
    const auto peppers = Peppers::parse("# rotated in May\n\n 2:" + sixteen + "bb \r\n1:" + sixteen + "\n");
    CHECK("parses", static_cast<bool>(peppers));
    assert_int_equal(peppers->size(), 2);
    assert_int_equal(peppers->version(0), 2);
    assert_int_equal(peppers->version(1), 1);
    const Digest sha = *sha256("key");
    CHECK("HMAC of the SHA-256", *peppers->digest(1, sha) == *hmac_sha256(*from_hex(sixteen), as_bytes(sha)));
    CHECK("versions differ", *peppers->digest(0, sha) != *peppers->digest(1, sha));
}

void says_which_line_is_wrong(void**) {
    struct Row {
        std::string text;
        const char* field;
    };
    std::string nine;
    for (int version = 1; version <= 9; version++) {
        nine += std::to_string(version) + ":" + sixteen + "\n";
    }
    for (const Row& row :
         {Row{"", ""}, Row{"# nothing\n", ""}, Row{"\n1" + sixteen, "line 2"}, Row{"0:" + sixteen, "line 1"},
          Row{"65536:" + sixteen, "line 1"}, Row{"1:abc", "line 1"}, Row{"1:" + sixteen.substr(2), "line 1"},
          Row{"1:zz" + sixteen, "line 1"}, Row{"1:" + std::string(514, 'a'), "line 1"}, Row{"1:" + sixteen + "\n1:" + sixteen, "line 2"},
          Row{nine, "line 9"}, Row{"x:" + sixteen, "line 1"}, Row{"-1:" + sixteen, "line 1"}}) {
        const auto peppers = Peppers::parse(row.text);
        CHECK(row.text, !peppers);
        CHECK_TEXT(row.text, peppers.error().field, row.field);
        CHECK("no secret in the message", peppers.error().message.find(sixteen) == std::string::npos);
    }
}

void opens_only_what_it_sealed(void**) {
    const auto peppers = Peppers::parse("1:" + sixteen);
    const auto both = Peppers::parse("2:" + sixteen + "00\n1:" + sixteen);
    const auto other = Peppers::parse("2:" + sixteen);
    const std::string sealed = peppers->seal("the answer", "idempotency key", counted);
    CHECK_TEXT("", *peppers->open(sealed, "idempotency key"), "the answer");
    CHECK_TEXT("", *both->open(sealed, "idempotency key"), "the answer");
    CHECK("another version", !other->open(sealed, "idempotency key").has_value());
    CHECK("another context", !peppers->open(sealed, "another key").has_value());
    CHECK("nothing to read in it", sealed.find("answer") == std::string::npos);
    for (std::size_t index = 0; index < sealed.size(); index++) {
        std::string changed = sealed;
        changed[index] = static_cast<char>(changed[index] ^ 1);
        CHECK("a changed bit", !peppers->open(changed, "idempotency key").has_value());
        CHECK("cut off", !peppers->open(sealed.substr(0, index), "idempotency key").has_value());
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(reads_versions_in_order),
        cmocka_unit_test(says_which_line_is_wrong),
        cmocka_unit_test(opens_only_what_it_sealed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
