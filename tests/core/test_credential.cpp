#include "core/secrets/credential.h"

#include <string>
#include <vector>

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::string_view one_name[] = {"key"};
constexpr std::string_view two_names[] = {"key", "api_key"};
const std::string name_of_64(64, 'n');
const std::string name_of_65(65, 'n');

void the_bearer_token(void**) {
    const struct {
        std::string_view header;
        std::optional<std::string_view> token;
    } rows[] = {
        {"Bearer abc", "abc"},
        {"bearer abc", "abc"},
        {"BEARER abc", "abc"},
        {"bEaReR abc", "abc"},
        {"Bearer    abc", "abc"},
        {"Bearer abc   ", "abc"},
        {"Bearer  abc  ", "abc"},
        {"Bearer a b", "a b"},
        {"Bearer", ""},
        {"Bearer ", ""},
        {"Bearer      ", ""},
        {"Bearer Bearer abc", "Bearer abc"},
        {"Bearer a,Bearer b", "a,Bearer b"},
        {"", std::nullopt},
        {"Beare", std::nullopt},
        {"Bear", std::nullopt},
        {"Bearerabc", std::nullopt},
        {"Bearer:abc", std::nullopt},
        {"Bearer\tabc", std::nullopt},
        {" Bearer abc", std::nullopt},
        {"Basic abc", std::nullopt},
        {"Bearen abc", std::nullopt},
        {"\"earer abc", std::nullopt},
        {"abc", std::nullopt},
    };
    for (const auto& row : rows) {
        CHECK(row.header, bearer_token(row.header) == row.token);
    }
    assert_false(bearer_token(std::string_view()).has_value());
}

void percent_decoding(void**) {
    const struct {
        std::string_view text;
        std::string_view decoded;
    } rows[] = {
        {"", ""},        {"abc", "abc"}, {"%41", "A"},   {"%4a%4A", "JJ"}, {"a%20b", "a b"},   {"%", "%"},     {"%4", "%4"},
        {"%4g", "%4g"},  {"%g4", "%g4"}, {"%%41", "%A"}, {"%2541", "%41"}, {"%61b%63", "abc"}, {"%6g", "%6g"}, {"%2525", "%25"},
        {"%e4", "\xe4"}, {"a+b", "a+b"}, {"%41%", "A%"}, {"%41%4", "A%4"}, {"%zz%41", "%zzA"}, {"%-1", "%-1"}, {"\xff%ff", "\xff\xff"},
    };
    for (const auto& row : rows) {
        std::array<char, 16> out{};
        const std::optional<std::size_t> size = percent_decode(row.text, out);
        CHECK(row.text, size.has_value());
        CHECK_TEXT(row.text, std::string_view(out.data(), *size), row.decoded);
    }
    std::array<char, 4> out{};
    assert_true(percent_decode("%00a", out) == std::size_t{2});
    assert_true(out[0] == '\0' && out[1] == 'a');
}

void decoding_stops_where_the_room_ends(void**) {
    std::array<char, 4> out{'.', '.', '.', '.'};
    assert_true(percent_decode("%41%42", std::span(out).first(2)) == std::size_t{2});
    assert_true(out[2] == '.');
    assert_false(percent_decode("%41%42%43", std::span(out).first(2)).has_value());
    assert_true(out[2] == '.');
    assert_false(percent_decode("a", {}).has_value());
    assert_true(percent_decode("", {}) == std::size_t{0});
    assert_true(percent_decode("abcd", out) == std::size_t{4});
    assert_false(percent_decode("abcde", out).has_value());
}

std::string values(std::string_view query, std::span<const std::string_view> names) {
    std::string found;
    for_each_query_match(query, names, [&](const QueryMatch& match) {
        found += std::to_string(match.begin) + "-" + std::to_string(match.end) + ":" + std::string(match.raw_value) + ";";
    });
    return found;
}

std::string without(std::string_view query, std::span<const std::string_view> names) {
    std::vector<char> out(query.size());
    return {out.data(), remove_query_matches(query, names, out)};
}

struct QueryRow {
    std::string query;
    std::string_view found; // begin-end:value; for each match
    std::string_view removed;
    std::string_view masked;
};

const QueryRow query_rows[] = {
    {"", "", "", ""},
    {"key=abc", "0-7:abc;", "", "key=***"},
    {"a=1&key=abc&b=2", "4-11:abc;", "a=1&b=2", "a=1&key=***&b=2"},
    {"key=abc&a=1", "0-7:abc;", "a=1", "key=***&a=1"},
    {"a=1&key=abc", "4-11:abc;", "a=1", "a=1&key=***"},
    {"key=a&key=b", "0-5:a;6-11:b;", "", "key=***&key=***"},
    {"key", "0-3:;", "", "key"},
    {"key=", "0-4:;", "", "key="},
    {"key&a", "0-3:;", "a", "key&a"},
    {"key=a=b", "0-7:a=b;", "", "key=***"},
    {"key=%6Ds", "0-8:%6Ds;", "", "key=***"},
    {"%6bey=abc", "0-9:abc;", "", "%6bey=***"},
    {"%6B%65%79=abc", "0-13:abc;", "", "%6B%65%79=***"},
    {"%256bey=abc", "", "%256bey=abc", "%256bey=abc"},
    {"Key=abc", "", "Key=abc", "Key=abc"},
    {"keys=abc", "", "keys=abc", "keys=abc"},
    {"ke=abc", "", "ke=abc", "ke=abc"},
    {"akey=abc", "", "akey=abc", "akey=abc"},
    {"key%00=abc", "", "key%00=abc", "key%00=abc"},
    {"=key", "", "=key", "=key"},
    {"=", "", "=", "="},
    {"&", "", "&", "&"},
    {"&&&", "", "&&&", "&&&"},
    {"&&key=x&&", "2-7:x;", "&&&", "&&key=***&&"},
    {"key==x", "0-6:=x;", "", "key=***"},
    {"key&key=&a=1", "0-3:;4-8:;", "a=1", "key&key=&a=1"},
    {"&key=abc&", "1-8:abc;", "&", "&key=***&"},
    {"a=1&&key=abc&&b=2", "5-12:abc;", "a=1&&&b=2", "a=1&&key=***&&b=2"},
    {"a=key=abc", "", "a=key=abc", "a=key=abc"},
    {"a=1;key=abc", "", "a=1;key=abc", "a=1;key=abc"},
    {"key=x&a=%zz&b=%2", "0-5:x;", "a=%zz&b=%2", "key=***&a=%zz&b=%2"},
    {"k%65y=x&a=%41+b", "0-7:x;", "a=%41+b", "k%65y=***&a=%41+b"},
};

void matches_are_found(void**) {
    for (const QueryRow& row : query_rows) {
        CHECK_TEXT(row.query, values(row.query, one_name), row.found);
        CHECK(row.query, query_has_match(row.query, one_name) == !row.found.empty());
    }
}

void matches_are_removed(void**) {
    for (const QueryRow& row : query_rows) {
        const std::string removed = without(row.query, one_name);
        CHECK_TEXT(row.query, removed, row.removed);
        CHECK(row.query, !query_has_match(removed, one_name));
    }
}

void matches_are_masked(void**) {
    for (const QueryRow& row : query_rows) {
        CHECK_TEXT(row.query, mask_query_matches(row.query, one_name), row.masked);
    }
}

void whole_uris_and_request_lines_are_masked(void**) {
    constexpr struct {
        std::string_view text;
        std::string_view masked; // empty: nothing to mask
    } rows[] = {
        {"/v1?key=x", "/v1?key=***"},
        {"/v1?a=1&key=x&b=2", "/v1?a=1&key=***&b=2"},
        {"GET /v1?key=x HTTP/1.1", "GET /v1?key=*** HTTP/1.1"},
        {"GET /v1?key=x", "GET /v1?key=***"},
        {"https://example.com/?key=x#y", "https://example.com/?key=***"},
        {"/v1?a=1?key=x", ""},
        {"GET /v1?a=1 key=x", ""},
        {"/v1/key=x", ""},
        {"/v1?", ""},
        {"", ""},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.text, mask_uri(row.text, one_name).value_or(""), row.masked);
    }
}

void several_names(void**) {
    const std::string query = "api_key=1&a=2&key=3&api%5fkey=4";
    assert_string_equal(values(query, two_names).c_str(), "0-9:1;14-19:3;20-31:4;");
    assert_string_equal(without(query, two_names).c_str(), "a=2");
    assert_string_equal(mask_query_matches(query, two_names).c_str(), "api_key=***&a=2&key=***&api%5fkey=***");
    assert_string_equal(values(query, one_name).c_str(), "14-19:3;");
    assert_string_equal(values(query, {}).c_str(), "");
    assert_false(query_has_match(query, {}));
    assert_string_equal(without(query, {}).c_str(), query.c_str());
}

void a_name_with_a_space(void**) {
    const std::string_view names[] = {"key", "api key"};
    assert_string_equal(without("api%20key=x&y", names).c_str(), "y");
    assert_string_equal(mask_query_matches("api%20key=x&y", names).c_str(), "api%20key=***&y");
    assert_false(query_has_match("api+key=x", names));
}

// A plain name and an encoded one have the same bound.
void a_name_has_64_characters_at_most(void**) {
    const std::string_view names[] = {name_of_64, name_of_65};
    std::string encoded_64;
    std::string encoded_65;
    for (int index = 0; index < 65; index++) {
        encoded_65 += "%6e";
        encoded_64 += index < 64 ? "%6e" : "";
    }
    assert_true(query_has_match(name_of_64 + "=1", names));
    assert_true(query_has_match(encoded_64 + "=1", names));
    assert_false(query_has_match(name_of_65 + "=1", names));
    assert_false(query_has_match(encoded_65 + "=1", names));
}

void long_queries(void**) {
    std::string query;
    for (int index = 0; index < 20'000; index++) {
        query += "a=%6b&";
    }
    assert_false(query_has_match(query, one_name));
    assert_true(query_has_match(query + "key=x", one_name));
    assert_true(without(query + "key=x", one_name) == query.substr(0, query.size() - 1));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_bearer_token),
        cmocka_unit_test(percent_decoding),
        cmocka_unit_test(decoding_stops_where_the_room_ends),
        cmocka_unit_test(matches_are_found),
        cmocka_unit_test(matches_are_removed),
        cmocka_unit_test(matches_are_masked),
        cmocka_unit_test(several_names),
        cmocka_unit_test(whole_uris_and_request_lines_are_masked),
        cmocka_unit_test(a_name_with_a_space),
        cmocka_unit_test(a_name_has_64_characters_at_most),
        cmocka_unit_test(long_queries),
    };
    return cmocka_run_group_tests_name("credential", tests, nullptr, nullptr);
}
