// The types and plans that nodes report, and those common to all of them.
#include "core/policy/node_settings.h"

#include <vector>

#include "lib/check.h"

using namespace api_key;

namespace {

void they_are_read_as_they_were_written(void**) {
    const NodeSettings settings{{{"proxy", "ms-"}, {"old", "sk-", true}}, std::vector<std::string>{"pro", "free \"x\""}};
    const std::string text = write_node_settings(settings);
    CHECK_TEXT("written", text,
               R"({"types":[{"name":"proxy","prefix":"ms-"},{"name":"old","prefix":"sk-","format":"any"}],"plans":["pro","free \"x\""]})");
    CHECK_TEXT("read", write_node_settings(*read_node_settings(text)), text);
    CHECK_TEXT("without plans", write_node_settings(*read_node_settings(R"({"types":[]})")), R"({"types":[]})");
    for (const char* wrong : {"", "7", "[]", "{}", R"({"types":{}})", "{"}) {
        CHECK(wrong, !read_node_settings(wrong));
    }
}

std::string plans(const std::vector<NodeSettings>& nodes) {
    const auto all = plans_of(nodes);
    std::string text;
    for (const std::string& plan : all.value_or(std::vector<std::string>{"any"})) {
        text += plan + " ";
    }
    return text;
}

void a_plan_has_to_be_on_all_nodes_that_have_plans(void**) {
    const NodeSettings none{{}, std::nullopt};
    const NodeSettings empty{{}, std::vector<std::string>{}};
    const NodeSettings two{{}, std::vector<std::string>{"a", "b"}};
    const NodeSettings other{{}, std::vector<std::string>{"b", "c"}};
    CHECK_TEXT("nobody", plans({}), "any ");
    CHECK_TEXT("no plans", plans({none, none}), "any ");
    CHECK_TEXT("an empty file", plans({none, empty}), "");
    CHECK_TEXT("one", plans({none, two}), "a b ");
    CHECK_TEXT("both", plans({two, other}), "b ");
}

void a_type_has_to_be_on_one(void**) {
    const std::vector<NodeSettings> nodes{{{{"a", "x-"}, {"b", "y-"}}, {}}, {{{"a", "x-"}, {"a", "z-"}}, {}}};
    std::string text;
    for (const NodeSettings::Type& type : types_of(nodes)) {
        text += type.name + type.prefix + " ";
    }
    CHECK_TEXT("all of them once", text, "ax- by- az- ");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(they_are_read_as_they_were_written),
        cmocka_unit_test(a_plan_has_to_be_on_all_nodes_that_have_plans),
        cmocka_unit_test(a_type_has_to_be_on_one),
    };
    return cmocka_run_group_tests_name("node settings", tests, nullptr, nullptr);
}
