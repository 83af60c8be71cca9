#include "core/request_body.h"

#include "core/model_glob.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void reads_what_the_apis_say(void**) {
    const struct {
        std::string_view body;
        std::string_view model;
        std::int64_t max_output_tokens; // 0: none
        std::int64_t choices;
        bool streams;
        bool asks_for_usage;
    } rows[] = {
        {R"({"model":"gpt-4o"})", "gpt-4o", 0, 1, false, false},
        {R"({"model":"gpt-4o","max_tokens":10,"n":3,"stream":true,"stream_options":{"include_usage":true}})", "gpt-4o", 10, 3, true, true},
        {R"({"max_completion_tokens":20,"max_tokens":10,"model":"o1"})", "o1", 20, 1, false, false},
        {R"({"model":"o1","max_output_tokens":7,"stream":false,"stream_options":null})", "o1", 7, 1, false, false},
        {R"({"generationConfig":{"maxOutputTokens":5,"candidateCount":2}})", "", 5, 2, false, false},
        {R"({"mod\u0065l":"gpt-4o"})", "gpt-4o", 0, 1, false, false},
        {R"({"messages":[{"model":"o1"}],"metadata":{"model":"x","model":"y"}})", "", 0, 1, false, false},
        {" \n{\"model\"\t:\"a\"}\n", "a", 0, 1, false, false},
        {"{}", "", 0, 1, false, false},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_json_body(row.body);
        CHECK(row.body, static_cast<bool>(facts));
        CHECK_TEXT(row.body, facts->model, row.model);
        CHECK(row.body, facts->max_output_tokens.value_or(0) == row.max_output_tokens && facts->choices == row.choices);
        CHECK(row.body, facts->streams == row.streams && facts->asks_for_usage == row.asks_for_usage);
    }
}

void knows_input_that_is_not_in_the_body(void**) {
    const struct {
        std::string_view body;
        bool elsewhere;
    } rows[] = {
        {R"({"messages":[{"role":"user","content":"https://example.com"}]})", false},
        {R"({"previous_response_id":"resp_1","input":"x"})", true},
        {R"({"previous_response_id":null,"input":"x"})", false},
        {R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})", true},
        {R"({"contents":[{"parts":[{"fileData":{"fileUri":"gs://a/b"}}]}]})", true},
        {R"({"cachedContent":"cachedContents/1"})", true},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_json_body(row.body);
        CHECK(row.body, facts && facts->input_elsewhere == row.elsewhere);
    }
}

void refuses_what_is_not_certain(void**) {
    const struct {
        std::string_view body;
        std::string_view field;
    } rows[] = {
        {"", ""},
        {"[]", ""},
        {"\"model\"", ""},
        {R"({"model":"a")", ""},
        {R"({"model":"a"}})", ""},
        {R"({"model":"a"} {"model":"b"})", ""},
        {"{\"model\":\"\xff\"}", ""},
        {"\xef\xbb\xbf{\"model\":\"a\"", ""},
        {R"({"model":"a","model":"a"})", "model"},
        {R"({"model":"a","\u006dodel":"b"})", "model"},
        {R"({"model":1})", "model"},
        {R"({"model":null})", "model"},
        {R"({"model":["a"]})", "model"},
        {R"({"model":""})", "model"},
        {R"({"model":"a\u0000b"})", "model"},
        {R"({"max_tokens":1,"max_tokens":2})", "max_tokens"},
        {R"({"max_tokens":-1})", "max_tokens"},
        {R"({"max_tokens":1.5})", "max_tokens"},
        {R"({"max_completion_tokens":"10"})", "max_completion_tokens"},
        {R"({"n":0})", "n"},
        {R"({"n":100000})", "n"},
        {R"({"stream":"yes"})", "stream"},
        {R"({"stream_options":[]})", "stream_options"},
        {R"({"stream_options":{"include_usage":1}})", "include_usage"},
        {R"({"generationConfig":{"maxOutputTokens":0}})", "maxOutputTokens"},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_json_body(row.body);
        CHECK(row.body, !facts);
        CHECK_TEXT(row.body, facts.error().field, row.field);
    }
    CHECK("a long name", !read_json_body("{\"model\":\"" + std::string(257, 'a') + "\"}"));
    CHECK("deep nesting", !read_json_body("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}"));
}

std::string form(std::string_view disposition, std::string_view content) {
    return "--b\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n" + std::string(content) + "\r\n--b--\r\n";
}

void reads_a_form(void**) {
    const std::string two =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"model; x\"\r\nContent-Type: audio/mpeg\r\n\r\n--x"
        "\r\n--b\r\nContent-Disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--b--\r\n";
    const struct {
        std::string_view row;
        std::string_view type;
        std::string body;
        std::string_view model;
    } rows[] = {
        {"quoted", "multipart/form-data; boundary=b", form("form-data; name=\"model\"", "whisper-1"), "whisper-1"},
        {"quoted boundary", "multipart/form-data; boundary=\"b\"", form("form-data; name=\"model\"", "whisper-1"), "whisper-1"},
        {"a file before", "Multipart/Form-Data; charset=x; Boundary=b", two, "whisper-1"},
        {"another field", "multipart/form-data; boundary=b", form("form-data; name=\"language\"", "de"), ""},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_multipart_body(row.type, row.body);
        CHECK(row.row, static_cast<bool>(facts));
        CHECK_TEXT(row.row, facts->model, row.model);
    }
}

void refuses_a_form_that_is_not_certain(void**) {
    const std::string type = "multipart/form-data; boundary=b";
    const std::string model = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na";
    const struct {
        std::string_view row;
        std::string type;
        std::string body;
    } rows[] = {
        {"no boundary", "multipart/form-data", form("form-data; name=\"model\"", "a")},
        {"two boundaries", type + "; boundary=c", form("form-data; name=\"model\"", "a")},
        {"another boundary", "multipart/form-data; boundary=c", form("form-data; name=\"model\"", "a")},
        {"two models", type, model + "\r\n" + model + "\r\n--b--\r\n"},
        {"no end", type, model + "\r\n"},
        {"a file", type, form("form-data; name=\"model\"; filename=\"x\"", "a")},
        {"a file by RFC 5987", type, form("form-data; name=\"model\"; filename*=utf-8''x", "a")},
        {"two names", type, form("form-data; name=\"x\"; name=\"model\"", "a")},
        {"an escaped name", type, form("form-data; name=\"mo\\del\"", "a")},
        {"no name", type, form("form-data", "a")},
        {"no headers", type, "--b\r\nmodel\r\n--b--\r\n"},
        {"empty", type, form("form-data; name=\"model\"", "")},
        {"a line end in it", type, form("form-data; name=\"model\"", "a\r\nb")},
        {"nothing", type, ""},
    };
    for (const auto& row : rows) {
        CHECK(row.row, !read_multipart_body(row.type, row.body));
    }
}

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
    const CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_apis_say),
        cmocka_unit_test(knows_input_that_is_not_in_the_body),
        cmocka_unit_test(refuses_what_is_not_certain),
        cmocka_unit_test(reads_a_form),
        cmocka_unit_test(refuses_a_form_that_is_not_certain),
        cmocka_unit_test(globs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
