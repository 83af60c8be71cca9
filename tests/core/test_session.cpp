#include "core/secrets/session.h"

#include <vector>

#include "lib/check.h"

namespace {

using namespace api_key;

const std::string token(64, 'a');

std::vector<std::string> values(std::string_view header, std::string_view name) {
    std::vector<std::string> found;
    for (auto range = find_cookie(header, name); range; range = find_cookie(header, name, range->end)) {
        found.emplace_back(header.substr(range->begin, range->end - range->begin));
    }
    return found;
}

void a_cookie_is_found(void**) {
    const struct {
        std::string_view header;
        std::vector<std::string> found;
    } rows[] = {
        {"s=1", {"1"}},
        {"a=b; s=1; c=d", {"1"}},
        {"a=b;s=1;c=d", {"1"}},
        {"  s=1\t ; a=b", {"1"}},
        {"s=1; s=2", {"1", "2"}},
        {"s=1;;s=2;", {"1", "2"}},
        {"s=", {""}},
        {"s=; s=", {"", ""}},
        {"s=\"1\"", {"\"1\""}},
        {"s=a=b", {"a=b"}},
        {"", {}},
        {";", {}},
        {"s", {}},
        {"S=1", {}},
        {"xs=1", {}},
        {"s =1", {}},
        {"ss=1", {}},
        {"a=s=1", {}},
        {"a=\"; s=1\"", {"1\""}}, // quotes mean nothing in a Cookie header
    };
    for (const auto& row : rows) {
        CHECK(row.header, values(row.header, "s") == row.found);
    }
}

bool fill(std::span<std::uint8_t> out) {
    for (std::size_t index = 0; index < out.size(); index++) {
        out[index] = static_cast<std::uint8_t>(index);
    }
    return true;
}

bool no_random(std::span<std::uint8_t> /*out*/) {
    return false;
}

void a_token_is_256_bits_in_hex(void**) {
    const std::optional<std::string> made = make_session_token(fill);
    assert_true(made.has_value());
    CHECK_TEXT("made", *made, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    assert_true(is_session_token(*made));
    assert_false(make_session_token(no_random).has_value());
    for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(64, 'g'),
                                    std::string(64, '*'), std::string(63, 'a') + '\0'}) {
        CHECK(text, !is_session_token(text));
    }
}

void the_cookie_says_all_it_has_to(void**) {
    CHECK_TEXT("secure", set_session_cookie("abc", "/api", true), "api_key_session=abc; Path=/api; Secure; HttpOnly; SameSite=Strict");
    CHECK_TEXT("localhost", set_session_cookie("abc", "/", false), "api_key_session=abc; Path=/; HttpOnly; SameSite=Strict");
    CHECK_TEXT("taken back", set_session_cookie("", "/api", true),
               "api_key_session=; Path=/api; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    CHECK_TEXT("escaped", set_session_cookie("abc", "/a b;Domain=x\r\n/\xc3\xa4", false),
               "api_key_session=abc; Path=/a%20b%3bDomain%3dx%0d%0a/%c3%a4; HttpOnly; SameSite=Strict");
}

void only_who_has_the_token_opens_a_session(void**) {
    const Peppers peppers = std::move(*Peppers::parse("2:" + std::string(64, 'b') + "\n1:" + std::string(64, 'a')));
    const Peppers before = std::move(*Peppers::parse("1:" + std::string(64, 'a')));
    const Digest name = *sha256(token);
    const SessionKey key{*sha256("mk-key"), "billing"};
    const std::string sealed = seal_session_key(before, key, name, fill);
    const std::optional<SessionKey> opened = open_session_key(peppers, sealed, name);
    assert_true(opened && opened->digest == key.digest && opened->type == "billing");
    assert_true(sealed.find("billing") == std::string::npos);
    assert_false(open_session_key(peppers, sealed, *sha256("another")).has_value());
    assert_false(open_session_key(peppers, sealed.substr(1), name).has_value());
    assert_false(open_session_key(peppers, "", name).has_value());
    assert_true(seal_session_key(peppers, key, name, no_random).empty());
}

void a_sign_in_is_read_strictly(void**) {
    const Result<std::string> key = read_sign_in_document(R"({"key": "mk-1"})");
    assert_true(key && *key == "mk-1");
    const struct {
        std::string json;
        std::string_view field;
    } rows[] = {
        {"", ""},
        {"[]", ""},
        {"{", ""},
        {"{}", "key"},
        {R"({"key":""})", "key"},
        {R"({"key":1})", "key"},
        {R"({"key":null})", "key"},
        {R"({"key":["mk-1"]})", "key"},
        {R"({"key":"mk-1","name":"x"})", "name"},
        {R"({"Key":"mk-1"})", "Key"},
        {R"({"key":"mk-1","key":"mk-2"})", "key"},
        {R"({"key":")" + std::string(141, 'x') + R"("})", "key"},
    };
    for (const auto& row : rows) {
        const Result<std::string> refused = read_sign_in_document(row.json);
        CHECK(row.json, !refused);
        CHECK_TEXT(row.json, refused.error().field, row.field);
        CHECK(row.json, refused.error().message.find("mk-1") == std::string::npos);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_found),
        cmocka_unit_test(a_token_is_256_bits_in_hex),
        cmocka_unit_test(the_cookie_says_all_it_has_to),
        cmocka_unit_test(only_who_has_the_token_opens_a_session),
        cmocka_unit_test(a_sign_in_is_read_strictly),
    };
    return cmocka_run_group_tests_name("session", tests, nullptr, nullptr);
}
