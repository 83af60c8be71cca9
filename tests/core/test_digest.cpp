#include "core/secrets/digest.h"

#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

std::string hex(const std::optional<Digest>& digest) {
    return digest ? to_hex(as_bytes(*digest)) : "nothing";
}

// FIPS 180-4 examples.
void sha256_of_known_texts(void**) {
    const struct {
        std::string text;
        std::string_view digest;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    for (int round = 0; round < 2; round++) {
        for (const auto& row : rows) {
            CHECK_TEXT(row.digest, hex(sha256(row.text)), row.digest);
        }
    }
    assert_string_equal(hex(sha256(std::string_view())).c_str(), std::string(rows[0].digest).c_str());
}

// RFC 4231, test cases 1, 2, 3 and 6.
void hmac_of_known_texts(void**) {
    const struct {
        std::string key;
        std::string message;
        std::string_view digest;
    } rows[] = {
        {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (int round = 0; round < 2; round++) {
        for (const auto& row : rows) {
            CHECK_TEXT(row.digest, hex(hmac_sha256(row.key, row.message)), row.digest);
        }
    }
}

// A reused context must not keep the key of the previous call.
void an_empty_key_is_a_key(void**) {
    const char* const empty = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    assert_true(hmac_sha256("another key", "").has_value());
    assert_string_equal(hex(hmac_sha256(std::string_view(), std::string_view())).c_str(), empty);
    assert_true(hmac_sha256("another key", "").has_value());
    assert_string_equal(hex(hmac_sha256("", "")).c_str(), empty);
}

void a_digest_is_32_bytes(void**) {
    const std::optional<Digest> digest = sha256("abc");
    const std::string bytes(as_bytes(*digest));
    assert_int_equal(bytes.size(), 32);
    assert_true(digest_from_bytes(bytes) == digest);
    assert_false(digest_from_bytes("").has_value());
    assert_false(digest_from_bytes(bytes.substr(1)).has_value());
    assert_false(digest_from_bytes(bytes + "x").has_value());
}

void hex_and_back(void**) {
    std::string all;
    for (int byte = 0; byte < 256; byte++) {
        all += static_cast<char>(byte);
    }
    assert_true(from_hex(to_hex(all)) == all);
    assert_string_equal(to_hex("\x01\xab\xff").c_str(), "01abff");
    assert_true(from_hex("01aBFf") == std::string("\x01\xab\xff"));
    assert_true(from_hex("") == std::string());
    assert_false(from_hex(std::string_view("abcd").substr(0, 3)).has_value());
    for (const std::string_view text : {"0", "abc", "0g", "g0", " 0", "0x", "-1", "+1", "\xc3\xa4"}) {
        CHECK(text, !from_hex(text).has_value());
    }
}

void only_hexadecimal_digits_count(void**) {
    for (int c = 0; c < 256; c++) {
        const std::string text{static_cast<char>(c), '0'};
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        CHECK(text, from_hex(text).has_value() == is_digit);
    }
}

void comparison_by_value(void**) {
    assert_true(equal_in_constant_time("", ""));
    assert_true(equal_in_constant_time(std::string_view(), ""));
    assert_true(equal_in_constant_time("abc", std::string("abc")));
    assert_false(equal_in_constant_time("abc", "abd"));
    assert_false(equal_in_constant_time("abc", "ab"));
    assert_false(equal_in_constant_time("", "a"));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts), cmocka_unit_test(hmac_of_known_texts), cmocka_unit_test(an_empty_key_is_a_key),
        cmocka_unit_test(a_digest_is_32_bytes),  cmocka_unit_test(hex_and_back),        cmocka_unit_test(only_hexadecimal_digits_count),
        cmocka_unit_test(comparison_by_value),
    };
    return cmocka_run_group_tests_name("digest", tests, nullptr, nullptr);
}
