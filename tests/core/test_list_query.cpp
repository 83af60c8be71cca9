#include "core/documents/list_query.h"

#include <string>

#include "lib/check.h"

namespace {

using api_key::Result;
using api_key::UsageBucket;
using api_key::UsageGroup;

constexpr std::int64_t now_ms = 1'800'000'000'000;

struct Row {
    std::string_view arguments;
    std::string_view error; // empty: none
};

template <class Query>
std::string error_of(const Result<Query>& result) {
    if (result) {
        return {};
    }
    CHECK(result.error().message, result.error().message.starts_with(result.error().field + ": "));
    return result.error().message;
}

void arguments_are_decoded_as_forms_write_them(void**) {
    const auto arguments = api_key::query_arguments("a=1&&b=x+y%26&c&=d&a=%zz=");
    const std::pair<std::string, std::string> expected[] = {{"a", "1"}, {"b", "x y&"}, {"c", ""}, {"", "d"}, {"a", "%zz="}};
    assert_int_equal(arguments.size(), std::size(expected));
    for (std::size_t index = 0; index < arguments.size(); index++) {
        CHECK(expected[index].first, arguments[index] == expected[index]);
    }
    assert_true(api_key::query_arguments("").empty());
}

void unknown_arguments_and_repeated_ones_are_named(void**) {
    constexpr std::string_view known[] = {"limit", "cursor"};
    const std::string long_name(1000, 'x');
    const struct {
        std::string_view arguments;
        std::string error;
    } rows[] = {
        {"", ""},
        {"limit=1&cursor=2", ""},
        {"%6cimit=1", ""},
        {"limits=1", "limits: no argument of this route"},
        {"Limit=1", "Limit: no argument of this route"},
        {"=1", ": no argument of this route"},
        {"a%0Ab=1", "a?b: no argument of this route"},
        {long_name, long_name.substr(0, 64) + ": no argument of this route"},
        {"limit=1&cursor=1&limit=1", "limit: given more than once"},
    };
    for (const auto& row : rows) {
        const auto error = api_key::check_arguments(row.arguments, known);
        CHECK_TEXT(row.arguments, error ? error->message : "", row.error);
    }
}

void a_page_is_of_1_to_1000(void**) {
    constexpr std::string_view limit = "limit: expected a number from 1 to 1000";
    constexpr std::string_view cursor = "cursor: expected the \"next\" of an earlier answer";
    constexpr Row rows[] = {
        {"", ""},
        {"limit=1", ""},
        {"limit=1000&cursor=7", ""},
        {"limit=0", limit},
        {"limit=1001", limit},
        {"limit=", limit},
        {"limit=-1", limit},
        {"limit=1.0", limit},
        {"cursor=0", cursor},
        {"cursor=x", cursor},
        {"cursor=", cursor},
    };
    for (const Row& row : rows) {
        CHECK_TEXT(row.arguments, error_of(api_key::read_page(row.arguments)), row.error);
    }
    const auto page = api_key::read_page("limit=7&cursor=9");
    assert_true(page && page->limit == 7 && page->before == 9);
    const auto usual = api_key::read_page("");
    assert_true(usual && usual->limit == 100 && usual->before == 0);
    assert_string_equal(api_key::cursor_text(9).c_str(), "9");
    assert_string_equal(api_key::cursor_text(0).c_str(), "");
}

void keys_are_filtered_by_what_they_show(void**) {
    const auto query = api_key::read_list_query("type=proxy&category=app&active=false&q=My+Key&limit=5&cursor=8");
    assert_true(query && query->type == "proxy" && query->filter.category == "app" && query->filter.active == false);
    assert_true(query->filter.text == "My Key" && query->page.limit == 5 && query->page.before == 8 && !query->usage);
    const auto with_usage = api_key::read_list_query("usage=true");
    assert_true(with_usage && with_usage->usage);
    CHECK_TEXT("usage", error_of(api_key::read_list_query("usage=1")), "usage: expected true or false");
    const auto all = api_key::read_list_query("");
    assert_true(all && !all->type && !all->filter.category && !all->filter.active && all->filter.text.empty());
    for (const std::string_view active : {"active=", "active=1", "active=True"}) {
        CHECK_TEXT(active, error_of(api_key::read_list_query(active)), "active: expected true or false");
    }
}

void the_security_log_is_filtered_by_key_action_and_time(void**) {
    const auto query = api_key::read_audit_query("key=7&action=key.rename&from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:02Z&verify=true");
    assert_true(query && query->filter.key_id == 7 && query->filter.action == "key.rename" && query->verify);
    assert_true(query->filter.from_ms == 1'000 && query->filter.until_ms == 2'000);
    constexpr Row rows[] = {
        {"key=0", "key: expected an id"},
        {"key=x", "key: expected an id"},
        {"verify=1", "verify: expected true or false"},
        {"from=yesterday", "from: expected an RFC 3339 time, such as 2030-12-31T00:00:00Z"},
        {"to=", "to: expected an RFC 3339 time, such as 2030-12-31T00:00:00Z"},
        {"limit=0", "limit: expected a number from 1 to 1000"},
    };
    for (const Row& row : rows) {
        CHECK_TEXT(row.arguments, error_of(api_key::read_audit_query(row.arguments)), row.error);
    }
}

void the_request_log_is_filtered_by_what_it_shows(void**) {
    const auto query = api_key::read_log_query("key=7&request_id=r&name=n&alias=a&method=GET&path=%2Fv1&status=4xx&format=csv&limit=3"
                                               "&cursor=1800000000000-0-17");
    assert_true(query && query->filter.key_id == 7 && query->filter.request_id == "r" && query->filter.label.name == "n");
    assert_true(query->filter.label.alias == "a" && query->filter.method == "GET" && query->filter.path_prefix == "/v1");
    assert_true(query->filter.status_from == 400 && query->filter.status_to == 499 && query->csv && query->limit == 3);
    assert_true(query->before.entry == "1800000000000-0" && query->before.index == 17);
    constexpr Row rows[] = {
        {"status=600", "status: expected one, such as 404 or 4xx"},          {"format=xml", "format: expected json or csv"},
        {"cursor=17", "cursor: expected the \"next\" of an earlier answer"}, {"key=0", "key: expected an id"},
        {"limit=1001", "limit: expected a number from 1 to 1000"},
    };
    for (const Row& row : rows) {
        CHECK_TEXT(row.arguments, error_of(api_key::read_log_query(row.arguments)), row.error);
    }
}

void series_are_of_the_last_day_unless_somebody_says_otherwise(void**) {
    const auto usual = api_key::read_series_query("", now_ms);
    assert_true(usual && usual->range.bucket == UsageBucket::hour && usual->range.size() == 24 && usual->group == UsageGroup::key);
    assert_int_equal(usual->most, 50);
    const auto of_key = api_key::read_series_query("category=app&alias=a&group_by=key", now_ms);
    assert_true(of_key && of_key->label.category == "app" && of_key->label.alias == "a" && of_key->only.empty());
    const auto of_two = api_key::read_series_query("key=7,8&order=credits", now_ms);
    const std::vector<std::string> two{"7", "8"};
    assert_true(of_two && of_two->only == two && of_two->order == api_key::UsageOrder::credits);
    const auto of_category = api_key::read_series_query("category=app&group_by=category&limit=1&bucket=day", now_ms);
    assert_true(of_category && of_category->only == std::vector<std::string>{"app"} && !of_category->label.category &&
                of_category->most == 1);
}

void series_have_bounds(void**) {
    constexpr std::string_view group = "group_by: category goes with key and category, alias with key";
    constexpr std::string_view limit = "limit: expected a number from 1 to 100";
    constexpr Row rows[] = {
        {"bucket=week", "bucket: expected minute, hour or day"},
        {"order=tokens", "order: expected requests or credits"},
        {"key=", "key: expected at most 100 ids, separated by commas"},
        {"key=7,x", "key: expected at most 100 ids, separated by commas"},
        {"key=7&group_by=model", "key: goes with group_by=key, and neither with category nor with alias"},
        {"key=7&alias=a", "key: goes with group_by=key, and neither with category nor with alias"},
        {"group_by=alias", "group_by: expected key, category or model"},
        {"from=x", "from: expected an RFC 3339 time, such as 2030-12-31T00:00:00Z"},
        {"from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", "from: expected a time before \"to\", at most 1500 buckets earlier"},
        {"bucket=minute&from=2027-01-01T00:00:00Z&to=2027-01-03T00:00:00Z",
         "from: expected a time before \"to\", at most 1500 buckets earlier"},
        {"limit=0", limit},
        {"limit=101", limit},
        {"limit=x", limit},
        {"group_by=model&category=app", group},
        {"group_by=category&alias=a", group},
        {"group_by=model&alias=a", group},
        {"bucket=minute&from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z&limit=100",
         "limit: at most 75000 points, which are 52 series of so many buckets"},
    };
    for (const Row& row : rows) {
        CHECK_TEXT(row.arguments, error_of(api_key::read_series_query(row.arguments, now_ms)), row.error);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_decoded_as_forms_write_them),
        cmocka_unit_test(unknown_arguments_and_repeated_ones_are_named),
        cmocka_unit_test(a_page_is_of_1_to_1000),
        cmocka_unit_test(keys_are_filtered_by_what_they_show),
        cmocka_unit_test(the_security_log_is_filtered_by_key_action_and_time),
        cmocka_unit_test(the_request_log_is_filtered_by_what_it_shows),
        cmocka_unit_test(series_are_of_the_last_day_unless_somebody_says_otherwise),
        cmocka_unit_test(series_have_bounds),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
