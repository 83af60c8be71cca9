#include "core/documents/answer.h"

#include <string>

#include "core/text/json.h"
#include "lib/check.h"

namespace {

using namespace api_key;

constexpr ErrorFormat formats[] = {ErrorFormat::automatic, ErrorFormat::simple, ErrorFormat::openai,
                                   ErrorFormat::anthropic, ErrorFormat::gemini, ErrorFormat::problem};

void format_names(void**) {
    const struct {
        std::string_view name;
        std::optional<ErrorFormat> format;
    } rows[] = {
        {"auto", ErrorFormat::automatic}, {"simple", ErrorFormat::simple},
        {"openai", ErrorFormat::openai},  {"anthropic", ErrorFormat::anthropic},
        {"gemini", ErrorFormat::gemini},  {"problem", ErrorFormat::problem},
        {"automatic", std::nullopt},      {"", std::nullopt},
        {"OpenAI", std::nullopt},         {"simple ", std::nullopt},
    };
    for (const auto& row : rows) {
        CHECK(row.name, error_format_from_name(row.name) == row.format);
    }
}

void content_types(void**) {
    for (const ErrorFormat format : formats) {
        const bool is_problem = format == ErrorFormat::problem;
        CHECK_TEXT("format", content_type(format), is_problem ? "application/problem+json" : "application/json");
    }
}

Answer invalid_key() {
    Answer answer;
    answer.status = 401;
    answer.message = "Invalid API Key";
    answer.code = "invalid_api_key";
    answer.request_id = "req-1";
    return answer;
}

void the_five_shapes(void**) {
    const struct {
        ErrorFormat format;
        std::string_view body;
    } rows[] = {
        {ErrorFormat::automatic, R"({"error":"Invalid API Key"})"},
        {ErrorFormat::simple, R"({"error":"Invalid API Key"})"},
        {ErrorFormat::openai,
         R"({"error":{"message":"Invalid API Key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})"},
        {ErrorFormat::anthropic,
         R"({"type":"error","error":{"type":"authentication_error","message":"Invalid API Key"},"request_id":"req-1"})"},
        {ErrorFormat::gemini, R"({"error":{"code":401,"message":"Invalid API Key","status":"UNAUTHENTICATED"}})"},
        {ErrorFormat::problem,
         R"({"type":"about:blank","title":"Unauthorized","status":401,"detail":"Invalid API Key","code":"invalid_api_key","request_id":"req-1"})"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.body, render(row.format, invalid_key()), row.body);
    }
}

void the_field_at_fault_and_the_reset(void**) {
    Answer answer;
    answer.status = 429;
    answer.message = "m";
    answer.param = "quotas.daily";
    answer.reset_ms = 1'705'312'800'000;
    const struct {
        ErrorFormat format;
        std::string_view body;
    } rows[] = {
        {ErrorFormat::simple, R"({"error":"m"})"},
        {ErrorFormat::openai,
         R"({"error":{"message":"m","type":"rate_limit_error","param":"quotas.daily","code":null,"reset":"2024-01-15T10:00:00Z"}})"},
        {ErrorFormat::anthropic, R"({"type":"error","error":{"type":"rate_limit_error","message":"m","reset":"2024-01-15T10:00:00Z"}})"},
        {ErrorFormat::gemini, R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","reset":"2024-01-15T10:00:00Z"}})"},
        {ErrorFormat::problem,
         R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"m","param":"quotas.daily","reset":"2024-01-15T10:00:00Z"})"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.body, render(row.format, answer), row.body);
    }
}

std::string text_at(const Json& body, std::initializer_list<const char*> path) {
    const json_t* value = body.get();
    for (const char* name : path) {
        value = json_object_get(value, name);
    }
    return value != nullptr && json_is_string(value) ? std::string(text_of(value)) : "nothing";
}

Json parsed(std::string_view text) {
    return Json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, nullptr));
}

void what_a_status_is_called(void**) {
    const struct {
        std::uint16_t status;
        std::string_view title, openai, anthropic, gemini;
    } rows[] = {
        {400, "Bad Request", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
        {401, "Unauthorized", "invalid_request_error", "authentication_error", "UNAUTHENTICATED"},
        {402, "Payment Required", "insufficient_quota", "billing_error", "FAILED_PRECONDITION"},
        {403, "Forbidden", "invalid_request_error", "permission_error", "PERMISSION_DENIED"},
        {404, "Not Found", "invalid_request_error", "not_found_error", "NOT_FOUND"},
        {405, "Method Not Allowed", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
        {409, "Conflict", "invalid_request_error", "invalid_request_error", "ABORTED"},
        {413, "Content Too Large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
        {415, "Unsupported Media Type", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
        {422, "Unprocessable Content", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
        {429, "Too Many Requests", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"},
        {500, "Internal Server Error", "server_error", "api_error", "INTERNAL"},
        {503, "Service Unavailable", "server_error", "api_error", "UNAVAILABLE"},
        {599, "Error", "server_error", "api_error", "UNKNOWN"},
    };
    for (const auto& row : rows) {
        Answer answer;
        answer.status = row.status;
        const std::string name = std::to_string(row.status);
        CHECK_TEXT(name, text_at(parsed(render(ErrorFormat::problem, answer)), {"title"}), row.title);
        CHECK_TEXT(name, text_at(parsed(render(ErrorFormat::openai, answer)), {"error", "type"}), row.openai);
        CHECK_TEXT(name, text_at(parsed(render(ErrorFormat::anthropic, answer)), {"error", "type"}), row.anthropic);
        CHECK_TEXT(name, text_at(parsed(render(ErrorFormat::gemini, answer)), {"error", "status"}), row.gemini);
    }
}

// The status in a body is always that of the answer, even if it has no name of its own.
void the_status_stands_in_the_body(void**) {
    for (const std::uint16_t status : {400, 418, 451, 599}) {
        Answer answer;
        answer.status = status;
        const Json gemini = parsed(render(ErrorFormat::gemini, answer));
        assert_int_equal(json_integer_value(json_object_get(json_object_get(gemini.get(), "error"), "code")), status);
        const Json problem = parsed(render(ErrorFormat::problem, answer));
        assert_int_equal(json_integer_value(json_object_get(problem.get(), "status")), status);
    }
}

void any_text_is_good_json(void**) {
    std::string every_byte;
    for (int byte = 0; byte < 256; byte++) {
        every_byte += static_cast<char>(byte);
    }
    const std::string texts[] = {every_byte,
                                 "\"quoted\" \\ \b\f\n\r\t",
                                 "</script>",
                                 "\xc3",
                                 "\xed\xa0\x80",
                                 "ä€😀",
                                 std::string("a\0b", 3),
                                 std::string(100'000, '\xff')};
    for (const std::string& text : texts) {
        Answer answer;
        answer.message = answer.code = answer.param = answer.request_id = text;
        for (const ErrorFormat format : formats) {
            const std::string body = render(format, answer);
            CHECK(body.substr(0, 100), parsed(body) != nullptr);
            CHECK(body.substr(0, 100), body.find('\n') == std::string::npos);
        }
    }
}

void bytes_that_are_not_utf8_are_replaced(void**) {
    Answer answer;
    answer.message = "a\xff\"b";
    assert_string_equal(render(ErrorFormat::simple, answer).c_str(), "{\"error\":\"a\xef\xbf\xbd\\\"b\"}");
    answer.message = {};
    assert_string_equal(render(ErrorFormat::simple, answer).c_str(), R"({"error":""})");
}

void a_client_that_showed_no_key_is_not_told_that_it_is_wrong(void**) {
    using api_key::Reason;
    for (std::size_t index = 0; index < api_key::reason_count; index++) {
        const auto reason = static_cast<Reason>(index);
        const bool none_shown = reason == Reason::missing_key || reason == Reason::session_ended;
        CHECK_TEXT(api_key::info(reason).name, api_key::challenge(reason),
                   none_shown ? "Bearer realm=\"api\"" : "Bearer realm=\"api\", error=\"invalid_token\"");
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(format_names),
        cmocka_unit_test(content_types),
        cmocka_unit_test(the_five_shapes),
        cmocka_unit_test(the_field_at_fault_and_the_reset),
        cmocka_unit_test(what_a_status_is_called),
        cmocka_unit_test(the_status_stands_in_the_body),
        cmocka_unit_test(any_text_is_good_json),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(a_client_that_showed_no_key_is_not_told_that_it_is_wrong),
    };
    return cmocka_run_group_tests_name("answer", tests, nullptr, nullptr);
}
