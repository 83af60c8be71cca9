#include "core/policy/model_glob.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void globs(void**) {
    const struct {
        std::string_view glob;
        std::string_view model;
        bool matches;
    } rows[] = {
        {"gpt-4o", "gpt-4o", true},
        {"gpt-4o", "gpt-4o-mini", false},
        {"gpt-4o*", "gpt-4o-mini", true},
        {"gpt-4o*", "gpt-4o", true},
        {"*", "anything", true},
        {"*", "", true},
        {"*-mini", "gpt-4o-mini", true},
        {"*-mini", "gpt-4o-mini-2", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"**", "x", true},
        {"a**", "a", true},
        {"GPT-4o", "gpt-4o", false},
        {"gpt-?", "gpt-4", false},
        {"", "", true},
        {"", "x", false},
        {"a*", "ba", false},
    };
    for (const auto& row : rows) {
        CHECK(std::string(row.glob) + " " + std::string(row.model), matches_model(row.glob, row.model) == row.matches);
    }
    assert_true(any_matches("gpt-4o\nclaude-*", "claude-3"));
    assert_false(any_matches("gpt-4o\nclaude-*", "claude"));
    assert_false(any_matches("", "claude"));
    assert_true(any_matches(std::vector<std::string>{"x", "y*"}, "yz"));
    assert_false(any_matches(std::vector<std::string>{}, "yz"));
    std::string many;
    for (int count = 0; count < 100; count++) {
        many += "a*";
    }
    assert_false(matches_model(many + "b", std::string(5000, 'a')));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(globs)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
