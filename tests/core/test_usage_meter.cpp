#include "core/usage_meter.h"

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
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":15}}\n\n"
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

// What broke off before its end may have told less than was used.
void knows_when_it_was_told_all(void**) {
    constexpr std::string_view openai_end = "data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
    constexpr std::string_view anthropic_begin =
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n";
    constexpr std::string_view anthropic_end = "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}}\n\n";
    constexpr std::string_view gemini_part = "data: {\"usageMetadata\":{\"promptTokenCount\":1}}\n\n";
    const struct {
        std::string_view row;
        MeterDialect dialect;
        std::string answer;
        bool ended;
        bool whole;
    } rows[] = {
        {"nothing", openai, "", true, false},
        {"openai, nothing told", openai, "data: {\"usage\":null}\n\n", true, false},
        {"openai, broken off after it", openai, std::string(openai_end), false, true},
        {"anthropic, the beginning", anthropic, std::string(anthropic_begin), true, false},
        {"anthropic, the end", anthropic, std::string(anthropic_begin) + std::string(anthropic_end), false, true},
        {"gemini, broken off", gemini, std::string(gemini_part), false, false},
        {"gemini, to its end", gemini, std::string(gemini_part), true, true},
    };
    for (const auto& row : rows) {
        UsageMeter meter(row.dialect, Framing::events);
        meter.feed(row.answer);
        CHECK(row.row, meter.is_whole(row.ended) == row.whole);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(counts_as_each_api_means_it),  cmocka_unit_test(counts_the_same_in_any_two_pieces),
        cmocka_unit_test(counts_the_same_byte_by_byte), cmocka_unit_test(events_may_be_large_and_deep),
        cmocka_unit_test(knows_when_it_was_told_all),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
