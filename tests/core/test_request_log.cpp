#include "core/logs/request_log.h"

#include <algorithm>

#include "lib/check.h"

namespace {

using namespace api_key;

RequestLogEntry entry() {
    RequestLogEntry entry;
    entry.account = 1;
    entry.key_id = 7;
    entry.key_name = "web";
    entry.key_alias = "w-1";
    entry.at_ms = 1'800'000'000'000;
    entry.method = "POST";
    entry.path = "/v1/chat/completions";
    entry.status = 200;
    entry.first_byte_ms = 12;
    entry.address = "203.0.113.7";
    entry.cost_micro_credits = 83;
    entry.model = "gpt-4o";
    entry.input_tokens = 2;
    entry.output_tokens = 4;
    entry.request_id = "00ff";
    entry.result = "ok";
    return entry;
}

void is_written_as_json(void**) {
    CHECK_TEXT("whole", dump(request_object(entry())),
               R"({"at":"2027-01-15T08:00:00Z","keyId":7,"keyName":"web","keyAlias":"w-1","method":"POST","path":"/v1/chat/completions",)"
               R"("status":200,"result":"ok",)"
               R"("firstByteMs":12,"address":"203.0.113.7","credits":"0.000083","model":"gpt-4o","inputTokens":2,"outputTokens":4,)"
               R"("requestId":"00ff"})");
    RequestLogEntry little = entry();
    little.first_byte_ms = little.cost_micro_credits = little.input_tokens = little.output_tokens = std::nullopt;
    little.model.clear();
    little.key_name.clear();
    little.key_alias.clear();
    CHECK_TEXT("what is not known is left out", dump(request_object(little)),
               R"({"at":"2027-01-15T08:00:00Z","keyId":7,"method":"POST","path":"/v1/chat/completions","status":200,"result":"ok",)"
               R"("address":"203.0.113.7","requestId":"00ff"})");
}

void is_filtered_by_model_and_result(void**) {
    RequestLogFilter filter;
    filter.model = "gpt-4o";
    filter.result = "ok";
    assert_true(filter.matches(entry()));
    filter.model = "gpt-4";
    assert_false(filter.matches(entry()));
    filter.model.clear();
    filter.result = "quota_exceeded";
    assert_false(filter.matches(entry()));
}

void no_value_is_a_formula_in_csv(void**) {
    const struct {
        std::string_view path;
        std::string_view written;
    } rows[] = {
        {"/a", R"("/a")"},  {"=1+1", R"("'=1+1")"}, {"+1", R"("'+1")"},    {"-1", R"("'-1")"},
        {"@x", R"("'@x")"}, {"\tx", "\"'\tx\""},    {"a\"b", R"("a""b")"}, {"a,b\nc", "\"a,b\nc\""},
    };
    for (const auto& row : rows) {
        RequestLogEntry one = entry();
        one.path = row.path;
        CHECK(row.path, request_csv(one).find(",\"POST\"," + std::string(row.written) + ",\"200\"") != std::string::npos);
    }
    const std::string line = request_csv(entry());
    CHECK(line, std::count(line.begin(), line.end(), ',') == std::count(csv_names.begin(), csv_names.end(), ','));
}

void filters(void**) {
    const auto with = [](auto change) {
        RequestLogFilter filter;
        change(filter);
        return filter.matches(entry());
    };
    CHECK("none", with([](RequestLogFilter&) {}));
    CHECK("key", with([](RequestLogFilter& filter) { filter.key_id = 7; }) && !with([](RequestLogFilter& filter) { filter.key_id = 8; }));
    CHECK("id", with([](auto& filter) { filter.request_id = "00ff"; }) && !with([](auto& filter) { filter.request_id = "00f"; }));
    CHECK("method", with([](auto& filter) { filter.method = "POST"; }) && !with([](auto& filter) { filter.method = "GET"; }));
    CHECK("path", with([](auto& filter) { filter.path_prefix = "/v1/"; }) && !with([](auto& filter) { filter.path_prefix = "/v2"; }));
    CHECK("from", with([](auto& filter) { filter.from_ms = 1'800'000'000'000; }) &&
                      !with([](auto& filter) { filter.from_ms = 1'800'000'000'001; }));
    CHECK("to", with([](auto& filter) { filter.until_ms = 1'800'000'000'001; }) &&
                    !with([](auto& filter) { filter.until_ms = 1'800'000'000'000; }));
    const struct {
        std::string_view status;
        bool read;
        bool matches;
    } rows[] = {{"200", true, true}, {"201", true, false}, {"2xx", true, true}, {"4xx", true, false}, {"600", false, true},
                {"20", false, true}, {"2x0", false, true}, {"", false, true},   {"099", false, true}};
    for (const auto& row : rows) {
        RequestLogFilter filter;
        CHECK(row.status, read_status_filter(row.status, filter) == row.read);
        CHECK(row.status, filter.matches(entry()) == row.matches);
    }
}

void a_cursor_is_read_as_it_is_written(void**) {
    const struct {
        std::string_view text;
        std::string_view entry;
        std::size_t index;
    } rows[] = {
        {"1800000000000-0-0", "1800000000000-0", 0},
        {"1800000000000-3-511", "1800000000000-3", 511},
        {"0-0-18446744073709551615", "0-0", 18446744073709551615U},
    };
    for (const auto& row : rows) {
        const std::optional<LogCursor> cursor = LogCursor::parse(row.text);
        CHECK(row.text, cursor && cursor->entry == row.entry && cursor->index == row.index);
        CHECK_TEXT(row.text, cursor->text(), row.text);
    }
}

void anything_else_is_no_cursor(void**) {
    for (const std::string_view text : {"",
                                        "-",
                                        "--",
                                        "---",
                                        "1",
                                        "1-2",
                                        "1-2-",
                                        "-2-3",
                                        "1--3",
                                        "a-2-3",
                                        "1-b-3",
                                        "1-2-c",
                                        "1-2-3-4",
                                        " 1-2-3",
                                        "1-2-3 ",
                                        "+1-2-3",
                                        "1-2--3",
                                        "0x1-2-3",
                                        "1-2-18446744073709551616",
                                        "18446744073709551616-2-3",
                                        "1-2-3\n"}) {
        CHECK(text, !LogCursor::parse(text));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(is_written_as_json),
        cmocka_unit_test(is_filtered_by_model_and_result),
        cmocka_unit_test(no_value_is_a_formula_in_csv),
        cmocka_unit_test(filters),
        cmocka_unit_test(a_cursor_is_read_as_it_is_written),
        cmocka_unit_test(anything_else_is_no_cursor),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
