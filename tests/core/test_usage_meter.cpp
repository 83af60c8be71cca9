#include "core/tokens/usage_meter.h"

#include <string>
#include <vector>

#include "lib/check.h"

namespace {

using namespace api_key;
using Framing = UsageMeter::Framing;
constexpr MeterDialect openai = MeterDialect::openai;
constexpr MeterDialect anthropic = MeterDialect::anthropic;
constexpr MeterDialect gemini = MeterDialect::gemini;

struct Row {
    std::string_view row;
    MeterDialect dialect;
    Framing framing;
    std::string answer;
    TokenUsage usage;
};

TokenUsage tokens(std::int64_t input, std::int64_t output, std::int64_t cached = 0, std::int64_t reasoning = 0, std::int64_t written = 0,
                  std::int64_t written_1h = 0) {
    return {true, input, cached, written, written_1h, output, reasoning};
}

std::vector<Row> rows() {
    return {
        {"openai, chat", openai, Framing::json,
         R"({"id":"x","choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":999}"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,)"
         R"("total_tokens":150,"prompt_tokens_details":{"cached_tokens":40,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20}}})",
         tokens(60, 50, 40, 20)},
        {"openai, chat streamed", openai, Framing::events,
         "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n"
         "data: {\"choices\":[{\"delta\":{\"content\":\"\\\\\\\"\"}}]}\n\n"
         "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n",
         tokens(7, 9)},
        {"openai, embeddings", openai, Framing::json, R"({"data":[{"embedding":[0.1,-2e3]}],"usage":{"prompt_tokens":8,"total_tokens":8}})",
         tokens(8, 0)},
        {"openai, response", openai, Framing::json,
         R"({"output":[],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":10},"output_tokens":12,)"
         R"("output_tokens_details":{"reasoning_tokens":5}}})",
         tokens(20, 12, 10, 5)},
        {"openai, response streamed", openai, Framing::events,
         "event: response.output_text.delta\r\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\r\n\r\n"
         "event: response.completed\r\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":11,"
         "\"output_tokens\":22,\"output_tokens_details\":{\"reasoning_tokens\":2}}}}\r\n\r\n",
         tokens(11, 22, 0, 2)},
        {"anthropic", anthropic, Framing::json,
         R"({"content":[{"text":"{\"usage\":1}"}],"usage":{"input_tokens":5,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,)"
         R"("cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":7}})",
         tokens(5, 7, 100, 0, 10, 20)},
        {"anthropic streamed", anthropic, Framing::events,
         ": comment\nevent: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,"
         "\"cache_read_input_tokens\":3,\"output_tokens\":1}}}\n\n"
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":null},\"usage\":{\"output_tokens\":15}}\n\n"
         "event: message_delta\ndata: {\"usage\":{\"output_tokens\":40}}\n\n",
         tokens(25, 40, 3)},
        {"gemini", gemini, Framing::json,
         R"({"candidates":[{"content":{}}],"usageMetadata":{"promptTokenCount":50,"cachedContentTokenCount":20,"candidatesTokenCount":10,)"
         R"("thoughtsTokenCount":30,"toolUsePromptTokenCount":4,"totalTokenCount":94,"promptTokensDetails":[{"tokenCount":50}]}})",
         tokens(34, 40, 20, 30)},
        {"gemini, streamed array", gemini, Framing::json,
         "[{\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":1,\"thoughtsTokenCount\":9}}\n,\r\n"
         "{\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":8}}]",
         tokens(5, 8)},
        {"gemini, streamed events", gemini, Framing::events,
         "data: {\"usageMetadata\":{\"promptTokenCount\":5}}\r\rdata: "
         "{\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":8}}\r\r",
         tokens(5, 8)},
        {"several data lines", openai, Framing::events,
         "data: {\"usage\":\ndata:{\"prompt_tokens\":3,\ndata: \"completion_tokens\":4}}\n\n", tokens(3, 4)},
        {"a broken event", openai, Framing::events, "data: {\"usage\":{\"prompt_tokens\":\"\n\ndata: {\"usage\":{\"prompt_tokens\":3}}\n\n",
         tokens(3, 0)},
        {"escapes in a name", openai, Framing::json, R"({"us\u0061ge":{"prompt\u005ftokens":6}})", tokens(6, 0)},
        {"reasoning beside the output, by the sum", openai, Framing::json,
         R"({"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}})",
         tokens(32, 103, 0, 94)},
        {"... a little of it", openai, Framing::json,
         R"({"usage":{"prompt_tokens":10,"completion_tokens":50,"total_tokens":80,"completion_tokens_details":{"reasoning_tokens":20}}})",
         tokens(10, 70, 0, 20)},
        {"... without a sum", openai, Framing::json,
         R"({"usage":{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}})",
         tokens(32, 103, 0, 94)},
        {"an output that only the sum tells", openai, Framing::json, R"({"usage":{"total_tokens":12,"prompt_tokens":5}})", tokens(5, 7)},
        {"thoughts that only the sum tells", gemini, Framing::json,
         R"({"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":8,"totalTokenCount":20}})", tokens(5, 15)},
        {"whole floats", openai, Framing::json, R"({"usage":{"prompt_tokens":10.0,"completion_tokens":5e3}})", tokens(10, 5000)},
        {"null details", openai, Framing::json,
         R"({"usage":{"prompt_tokens":1,"prompt_tokens_details":null,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":null}}})",
         tokens(1, 2)},
        {"more cached than there are", openai, Framing::json,
         R"({"usage":{"prompt_tokens":6,"prompt_tokens_details":{"cached_tokens":9}}})", tokens(0, 0, 6)},
        {"no numbers",
         openai,
         Framing::json,
         R"({"usage":{"prompt_tokens":"6","completion_tokens":1.5,"input_tokens":-3,"output_tokens":99999999999999999999}})",
         {}},
        {"a null", openai, Framing::json, R"({"usage":null})", {}},
        {"another place", openai, Framing::json, R"({"a":{"usage":{"prompt_tokens":6}},"b":[{"usage":{"prompt_tokens":6}}]})", {}},
        {"nothing", openai, Framing::json, "", {}},
        {"no JSON", anthropic, Framing::json, "<html>\"usage\"</html>", {}},
        {"an error", gemini, Framing::json, R"({"error":{"code":400,"message":"usageMetadata"}})", {}},
    };
}

TokenUsage whole(const Row& row) {
    UsageMeter meter(row.dialect, row.framing);
    meter.feed(row.answer);
    return meter.usage();
}

void counts_as_each_api_means_it(void**) {
    for (const Row& row : rows()) {
        CHECK(row.row, whole(row) == row.usage);
    }
}

void counts_the_same_in_any_two_pieces(void**) {
    for (const Row& row : rows()) {
        for (std::size_t cut = 0; cut <= row.answer.size(); cut++) {
            UsageMeter meter(row.dialect, row.framing);
            meter.feed(std::string_view(row.answer).substr(0, cut));
            meter.feed(std::string_view(row.answer).substr(cut));
            CHECK(std::string(row.row) + " at " + std::to_string(cut), meter.usage() == row.usage);
        }
    }
}

void counts_the_same_byte_by_byte(void**) {
    for (const Row& row : rows()) {
        UsageMeter meter(row.dialect, row.framing);
        for (const char& c : row.answer) {
            meter.feed({&c, 1});
        }
        CHECK(row.row, meter.usage() == row.usage);
    }
}

void events_may_be_large_and_deep(void**) {
    const std::string image(4'000'000, 'A');
    std::string deep(100'000, '[');
    deep += std::string(100'000, ']');
    UsageMeter meter(openai, Framing::events);
    meter.feed("data: {\"b64_json\":\"" + image + "\",\"deep\":" + deep + ",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n");
    assert_true(meter.usage() == tokens(1, 2));
    assert_true(sizeof(UsageMeter) <= 512);
}

void knows_how_it_was_served(void**) {
    const struct {
        std::string_view row;
        MeterDialect dialect;
        Framing framing;
        std::string answer;
        std::string_view tier, speed, region;
        ToolCalls calls;
    } rows[] = {
        {"openai",
         openai,
         Framing::json,
         R"({"service_tier":"priority","usage":{"prompt_tokens":1,"completion_tokens":2}})",
         "priority",
         "",
         "",
         {}},
        {"a response",
         openai,
         Framing::json,
         R"({"service_tier":"flex","output":[{"type":"web_search_call"},{"type":"message"},{"type":"web_search_call"},{"type":"file_search_call"}],)"
         R"("usage":{"input_tokens":1,"output_tokens":2}})",
         "flex",
         "",
         "",
         {2, 1, 0}},
        {"a response, streamed",
         openai,
         Framing::events,
         "data: {\"response\":{\"service_tier\":\"auto\",\"output\":[],\"usage\":null}}\n\n"
         "data: {\"response\":{\"service_tier\":\"priority\",\"output\":[{\"id\":\"x\",\"type\":\"code_interpreter_call\"}],"
         "\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\ndata: {\"more\":1}\n\n",
         "priority",
         "",
         "",
         {0, 0, 1}},
        {"anthropic",
         anthropic,
         Framing::json,
         R"({"usage":{"input_tokens":1,"output_tokens":2,"service_tier":"standard","speed":"fast","inference_geo":"us",)"
         R"("server_tool_use":{"web_search_requests":3,"web_fetch_requests":1}}})",
         "standard",
         "fast",
         "us",
         {3, 0, 0}},
        {"anthropic, streamed",
         anthropic,
         Framing::events,
         "data: {\"message\":{\"usage\":{\"input_tokens\":1,\"service_tier\":\"batch\",\"inference_geo\":\"not_available\"}}}\n\n"
         "data: {\"usage\":{\"output_tokens\":2,\"server_tool_use\":{\"web_search_requests\":1}}}\n\n",
         "batch",
         "",
         "not_available",
         {1, 0, 0}},
        {"gemini",
         gemini,
         Framing::json,
         R"({"usageMetadata":{"promptTokenCount":1,"trafficType":"ON_DEMAND_PRIORITY"}})",
         "ON_DEMAND_PRIORITY",
         "",
         "",
         {}},
        {"in an event without usage, which may be passed over",
         openai,
         Framing::events,
         "data: {\"service_tier\":\"flex\"}\n\ndata: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
         "",
         "",
         "",
         {}},
        {"nothing of it", openai, Framing::json, R"({"usage":{"prompt_tokens":1},"service_tier":null})", "", "", "", {}},
    };
    for (const auto& row : rows) {
        UsageMeter meter(row.dialect, row.framing);
        meter.feed(row.answer);
        const Service service = meter.service();
        CHECK_TEXT(row.row, service.tier.view(), row.tier);
        CHECK_TEXT(row.row, service.speed.view(), row.speed);
        CHECK_TEXT(row.row, service.region.view(), row.region);
        CHECK(row.row, service.calls == row.calls);
    }
}

struct FinalRow {
    std::string_view row;
    MeterDialect dialect;
    Framing framing;
    std::string answer;
    AnswerEnd end;
    bool is_final;
};

bool is_final(const FinalRow& row) {
    UsageMeter meter(row.dialect, row.framing);
    meter.feed(row.answer);
    return meter.is_final(row.end);
}

// An answer that was cut off may have reported less than was used.
void knows_when_it_was_told_all(void**) {
    using enum AnswerEnd;
    const std::string openai_end = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
    const std::string openai_part = "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
    const std::string response_end =
        "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
    const std::string done = "data: [DONE]\n\n";
    const std::string begin = "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n";
    const std::string delta = "data: {\"delta\":{\"stop_reason\":null},\"usage\":{\"output_tokens\":5}}\n\n";
    const std::string end = "data: {\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\n";
    const std::string gemini_part = "data: {\"candidates\":[{}],\"usageMetadata\":{\"promptTokenCount\":1,\"totalTokenCount\":2}}\n\n";
    const std::string gemini_end =
        "data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":1,\"totalTokenCount\":2}}\n\n";
    const std::string blocked = "data: {\"promptFeedback\":{},\"usageMetadata\":{\"promptTokenCount\":1,\"totalTokenCount\":1}}\n\n";
    const std::string array = R"([{"usageMetadata":{"promptTokenCount":1,"totalTokenCount":2}})";
    constexpr Framing json = Framing::json;
    constexpr Framing events = Framing::events;
    const FinalRow rows[] = {
        {"nothing", openai, events, "", announced, false},
        {"openai, no usage", openai, events, "data: {\"usage\":null}\n\n", announced, false},
        {"openai, broken off after it", openai, events, openai_end, none, true},
        {"openai, usage in every chunk, broken off", openai, events, openai_part + openai_part, none, false},
        {"... or perhaps", openai, events, openai_part + openai_part, at_close, false},
        {"... to the end", openai, events, openai_part + openai_part, announced, true},
        {"... to the mark of the end", openai, events, openai_part + done, none, true},
        {"... and what follows it", openai, events, openai_part + done + ": comment\n\n", none, true},
        {"... but for another list", openai, events, openai_part + "data: [1]\n\n", none, false},
        {"... or word", openai, events, openai_part + "data: \"[DONE]\"\n\n", none, false},
        {"... and once more in a chunk of its own", openai, events, openai_part + openai_end, none, true},
        {"... begun in a chunk of its own", openai, events, openai_part + openai_end.substr(0, 40), none, false},
        {"openai, response", openai, events, response_end, none, true},
        {"anthropic, the beginning", anthropic, events, begin, announced, false},
        {"anthropic, on its way", anthropic, events, begin + delta, none, false},
        {"anthropic, the end", anthropic, events, begin + delta + end, none, true},
        {"anthropic, the end alone", anthropic, events, end, announced, false},
        {"anthropic, plain", anthropic, json, R"({"usage":{"input_tokens":1,"output_tokens":2}})", none, true},
        {"gemini, broken off", gemini, events, gemini_part, none, false},
        {"... or perhaps", gemini, events, gemini_part, at_close, false},
        {"gemini, to its end", gemini, events, gemini_part, announced, true},
        {"... by its reason", gemini, events, gemini_part + gemini_end, at_close, true},
        {"... or none", gemini, events, blocked, at_close, true},
        {"gemini, an array", gemini, json, array, announced, false},
        {"... and its end", gemini, json, array + "]", none, true},
    };
    for (const FinalRow& row : rows) {
        CHECK(row.row, is_final(row) == row.is_final);
    }
}

void is_not_whole_with_an_unreadable_number(void**) {
    const struct {
        std::string_view usage;
        bool is_final;
    } rows[] = {
        {R"({"prompt_tokens":10,"completion_tokens":5000})", true},
        {R"({"prompt_tokens":10.0,"completion_tokens":5000.0,"total_tokens":5.01e3})", true},
        {R"({"prompt_tokens":10,"completion_tokens":5000,"prompt_tokens_details":null})", true},
        {R"({"prompt_tokens":8,"total_tokens":8})", true},
        {R"({"prompt_tokens":10})", false},
        {R"({"completion_tokens":10})", false},
        {R"({"total_tokens":10})", false},
        {R"({"prompt_tokens":10,"completion_tokens":null})", false},
        {R"({"prompt_tokens":10,"completion_tokens":"5000"})", false},
        {R"({"prompt_tokens":10,"completion_tokens":1.5})", false},
        {R"({"prompt_tokens":10,"completion_tokens":-5})", false},
        {R"({"prompt_tokens":10,"completion_tokens":5000000000000000000000})", false},
        {R"({"prompt_tokens":10,"completion_tokens":true})", false},
        {R"({"prompt_tokens":10,"completion_tokens":NaN})", false},
        {R"({"prompt_tokens":10,"completion_tokens":[5000]})", false},
        {R"({"prompt_tokens":10,"completion_tokens":{"sum":5000}})", false},
        {R"({"prompt_tokens":10,"completion_tokens":1,"completion_tokens_details":5000})", false},
        {R"({"prompt_tokens":10,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":"5000"}})", false},
        {R"({"prompt_tokens":10,"completion_tokens":1])", false},
        {R"({"prompt_tokens":10 "completion_tokens":5000})", false},
    };
    for (const auto& row : rows) {
        const std::string answer = "{\"usage\":" + std::string(row.usage) + "}";
        CHECK(row.usage, is_final({"", openai, Framing::json, answer, AnswerEnd::announced, true}) == row.is_final);
    }
}

// An answer that is cut anywhere either counts as not whole, or has the counts of the whole answer.
void no_part_is_taken_for_the_whole(void**) {
    for (const Row& row : rows()) {
        for (std::size_t cut = 0; cut < row.answer.size(); cut++) {
            UsageMeter meter(row.dialect, row.framing);
            meter.feed(std::string_view(row.answer).substr(0, cut));
            CHECK(std::string(row.row) + " at " + std::to_string(cut), !meter.is_final(AnswerEnd::none) || meter.usage() == row.usage);
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(counts_as_each_api_means_it),    cmocka_unit_test(counts_the_same_in_any_two_pieces),
        cmocka_unit_test(counts_the_same_byte_by_byte),   cmocka_unit_test(events_may_be_large_and_deep),
        cmocka_unit_test(knows_when_it_was_told_all),     cmocka_unit_test(is_not_whole_with_an_unreadable_number),
        cmocka_unit_test(no_part_is_taken_for_the_whole), cmocka_unit_test(knows_how_it_was_served),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
