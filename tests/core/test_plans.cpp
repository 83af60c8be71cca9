#include "core/policy/plans.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void reads_the_plans_of_the_contract(void**) {
    const Result<Plans> plans = Plans::parse(R"({"plans": {
        "pro":  {"models": ["gpt-4o*", "claude-*"], "multiplier": "1.25", "per_second": 10, "per_minute": 300},
        "free": {"models": [], "multiplier": "1"},
        "bare": {}}})");
    assert_true(static_cast<bool>(plans));
    assert_int_equal(plans->size(), 3);
    const Plan* pro = plans->find("pro");
    assert_non_null(pro);
    assert_true(pro->models == (std::vector<std::string>{"gpt-4o*", "claude-*"}));
    assert_int_equal(pro->multiplier_millionths, 1'250'000);
    assert_true(pro->rates == (Rates{10, 300}));
    const Plan* free = plans->find("free");
    assert_true(free->models.empty() && free->rates == Rates{} && free->multiplier_millionths == 1'000'000);
    assert_int_equal(free->fingerprint, 0);
    assert_null(plans->find("prop"));
    assert_null(plans->find(""));
}

void other_rates_have_another_fingerprint(void**) {
    const Result<Plans> plans = Plans::parse(R"({"plans": {
        "a": {"per_second": 10}, "b": {"per_minute": 10}, "c": {"per_second": 11}, "d": {"per_second": 10, "multiplier": 2}}})");
    const auto of = [&](std::string_view name) { return plans->find(name)->fingerprint; };
    assert_true(of("a") != of("b") && of("a") != of("c") && of("b") != of("c") && of("a") != 0);
    assert_true(of("a") == of("d"));
}

void what_is_wrong_is_named(void**) {
    const struct {
        std::string_view json;
        std::string_view field;
    } rows[] = {
        {"", ""},
        {"[]", ""},
        {"{}", "plans"},
        {R"({"plans": []})", "plans"},
        {R"({"plans": {}, "other": 1})", "other"},
        {R"({"plans": {"pro": 1}})", "plans.pro"},
        {R"({"plans": {"": {}}})", "plans"},
        {R"({"plans": {"pro": {"per_hour": 1}}})", "plans.pro.per_hour"},
        {R"({"plans": {"pro": {"per_second": 0}}})", "plans.pro.per_second"},
        {R"({"plans": {"pro": {"per_second": -1}}})", "plans.pro.per_second"},
        {R"({"plans": {"pro": {"per_second": 1.5}}})", "plans.pro.per_second"},
        {R"({"plans": {"pro": {"per_second": "10"}}})", "plans.pro.per_second"},
        {R"({"plans": {"pro": {"per_minute": 1e10}}})", "plans.pro.per_minute"},
        {R"({"plans": {"pro": {"per_minute": null}}})", "plans.pro.per_minute"},
        {R"({"plans": {"pro": {"multiplier": "-1"}}})", "plans.pro.multiplier"},
        {R"({"plans": {"pro": {"multiplier": 1001}}})", "plans.pro.multiplier"},
        {R"({"plans": {"pro": {"multiplier": true}}})", "plans.pro.multiplier"},
        {R"({"plans": {"pro": {"models": "gpt-4o"}}})", "plans.pro.models"},
        {R"({"plans": {"pro": {"models": ["a", ""]}}})", "plans.pro.models[1]"},
        {R"({"plans": {"pro": {"models": ["a b"]}}})", "plans.pro.models[0]"},
        {R"({"plans": {"pro": {}, "pro": {}}})", "pro"},
    };
    for (const auto& row : rows) {
        const Result<Plans> plans = Plans::parse(row.json);
        CHECK(row.json, !plans);
        CHECK_TEXT(row.json, plans.error().field, row.field);
        CHECK(row.json, !plans.error().message.empty());
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_plans_of_the_contract),
        cmocka_unit_test(other_rates_have_another_fingerprint),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
