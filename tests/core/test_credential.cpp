#include <array>
#include <vector>

#include "core/credential.h"
#include "lib/check.h"

using namespace api_key;

namespace {

constexpr std::array<std::string_view, 2> names{"key", "api key"};

void reads_bearer_tokens(void**) {
    struct Row {
        const char* header;
        const char* token; // null: not a Bearer header
    };
    for (const Row& row : {Row{"Bearer abc", "abc"}, Row{"bEARER abc", "abc"}, Row{"Bearer    abc  ", "abc"}, Row{"Bearer a b", "a b"},
                           Row{"Bearer", ""}, Row{"Bearer   ", ""}, Row{"", nullptr}, Row{"Bear", nullptr}, Row{"Bearerabc", nullptr},
                           Row{"Basic abc", nullptr}, Row{"Bearer\tabc", nullptr}, Row{" Bearer abc", nullptr}}) {
        const auto token = bearer_token(row.header);
        CHECK(row.header, token.has_value() == (row.token != nullptr));
        if (row.token != nullptr) {
            CHECK_TEXT(row.header, *token, row.token);
        }
    }
}

void decodes_percent(void**) {
    struct Row {
        std::string_view text;
        std::string_view decoded;
    };
    for (const Row& row : {Row{"abc", "abc"}, Row{"%61b%63", "abc"}, Row{"%", "%"}, Row{"%6", "%6"}, Row{"%6g", "%6g"}, Row{"%%61", "%a"},
                           Row{"%2525", "%25"}, Row{"a+b", "a+b"}, Row{"%00", std::string_view("\0", 1)}}) {
        std::array<char, 16> out{};
        const auto size = percent_decode(row.text, out);
        CHECK(row.text, size.has_value());
        CHECK_TEXT(row.text, std::string_view(out.data(), *size), row.decoded);
    }
    std::array<char, 2> small{};
    CHECK("does not fit", !percent_decode("abc", small).has_value());
    CHECK("fits when decoded", *percent_decode("%61%62", small) == 2);
}

void takes_matches_out_and_leaves_the_rest(void**) {
    struct Row {
        const char* query;
        const char* without;
        const char* masked;
        unsigned matches;
    };
    for (const Row& row :
         {Row{"", "", "", 0}, Row{"a=1", "a=1", "a=1", 0}, Row{"key=x", "", "key=***", 1},
          Row{"a=1&key=x&b=%31", "a=1&b=%31", "a=1&key=***&b=%31", 1}, Row{"%6bey=x", "", "%6bey=***", 1},
          Row{"api%20key=x&y", "y", "api%20key=***&y", 1}, Row{"key=1&key=2", "", "key=***&key=***", 2}, Row{"key", "", "key", 1},
          Row{"key=", "", "key=", 1}, Row{"Key=x&keys=1&xkey=2", "Key=x&keys=1&xkey=2", "Key=x&keys=1&xkey=2", 0},
          Row{"&&key=x&&", "&&&", "&&key=***&&", 1}, Row{"a=key=x", "a=key=x", "a=key=x", 0}, Row{"key==x", "", "key=***", 1}}) {
        unsigned matches = 0;
        for_each_query_match(row.query, names, [&](const QueryMatch&) { matches++; });
        CHECK(row.query, matches == row.matches && query_has_match(row.query, names) == (row.matches != 0));
        std::vector<char> out(std::string_view(row.query).size() + 1);
        CHECK_TEXT(row.query, std::string_view(out.data(), remove_query_matches(row.query, names, out)), row.without);
        CHECK_TEXT(row.query, mask_query_matches(row.query, names), row.masked);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(reads_bearer_tokens),
        cmocka_unit_test(decodes_percent),
        cmocka_unit_test(takes_matches_out_and_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
