#include "core/tokens/stream_usage.h"

#include "core/tokens/request_body.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void asks_for_usage(void**) {
    const struct {
        std::string_view body;
        std::string_view asked;
    } rows[] = {
        {R"({"stream":true})", R"({"stream_options":{"include_usage":true},"stream":true})"},
        {" {\n \"model\": \"a\" }\n", " {\"stream_options\":{\"include_usage\":true},\n \"model\": \"a\" }\n"},
        {"{}", R"({"stream_options":{"include_usage":true}})"},
        {R"({"a":1,"stream_options":null,"b":2})", R"({"a":1,"stream_options":{"include_usage":true},"b":2})"},
        {R"({"stream_options" : { } })", R"({"stream_options" : {"include_usage":true } })"},
        {R"({"stream_options":{"include_usage":false}})", R"({"stream_options":{"include_usage":true}})"},
        {R"({"stream_options":{"x":[1,{"y":"}"}],"include_usage" : null }})",
         R"({"stream_options":{"x":[1,{"y":"}"}],"include_usage" : true }})"},
        {R"({"stream_options":{"x":1}})", R"({"stream_options":{"include_usage":true,"x":1}})"},
        {R"({"messages":[{"content":"Gr\u00fc\u00dfe"}]})",
         R"({"stream_options":{"include_usage":true},"messages":[{"content":"Gr\u00fc\u00dfe"}]})"},
        {R"({"stream_option\u0073":{}})", R"({"stream_option\u0073":{"include_usage":true}})"},
        {R"({"\u0073tream_options":{"include\u005fusage":false,"x":1}})", R"({"\u0073tream_options":{"include\u005fusage":true,"x":1}})"},
        {R"({"a\u0000b":1,"a\"b":2})", R"({"stream_options":{"include_usage":true},"a\u0000b":1,"a\"b":2})"},
        {R"({"messages":[{"content":"\"stream_options\":{}"}],"n":1})",
         R"({"stream_options":{"include_usage":true},"messages":[{"content":"\"stream_options\":{}"}],"n":1})"},
    };
    for (const auto& row : rows) {
        const std::optional<std::string> asked = with_usage_asked(row.body);
        CHECK_TEXT(row.body, asked.value_or("nothing"), row.asked);
        const Result<RequestFacts> facts = read_json_body(MeterDialect::openai, Api::chat_completions, *asked);
        CHECK(row.body, facts && facts->asks_for_usage);
    }
    CHECK("no object", !with_usage_asked("[]"));
}

const std::string first = "data: {\"choices\":[{\"delta\":{\"content\":\"usage\"}}],\"usage\":null}\n\n";
const std::string last = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
const std::string done = "data: [DONE]\n\n";

std::string text_of(const Passing& passing) {
    std::string text(passing.buffered);
    for (const std::string_view piece : passing.fed) {
        text += piece;
    }
    return text;
}

std::string with_returns(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
        text.insert(at, 1, '\r');
    }
    return text;
}

void takes_the_extra_chunk_out_wherever_it_is_cut(void**) {
    const struct {
        std::string stream;
        std::string passes;
    } rows[] = {
        {first + ": comment\r\n\r\n" + first + last + done, first + ": comment\r\n\r\n" + first + done},
        {with_returns(first + last + done), with_returns(first + done)},
        {"data: {}\r\r" + std::string("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\r\rdata: [DONE]\r\r"),
         "data: {}\r\rdata: [DONE]\r\r"},
        {first + last.substr(0, last.size() - 1), first},
        {first + last.substr(0, last.size() - 2), first},
    };
    for (const auto& row : rows) {
        for (std::size_t cut = 0; cut <= row.stream.size(); cut++) {
            UsageChunkRemover remover;
            UsageMeter meter(MeterDialect::openai, UsageMeter::Framing::events);
            std::string out;
            out += text_of(remover.feed(std::string_view(row.stream).substr(0, cut), meter));
            out += text_of(remover.feed(std::string_view(row.stream).substr(cut), meter));
            out += text_of(remover.finish());
            CHECK("metered, cut at " + std::to_string(cut), meter.usage().known && meter.usage().input == 1);
            CHECK_TEXT("cut at " + std::to_string(cut), out, row.passes);
        }
    }
}

void passes_all_else(void**) {
    const std::string large = "data: {\"choices\":[],\"usage\":{\"x\":\"" + std::string(100'000, 'a') + "\"}}\n\n";
    for (const std::string& stream :
         {first, done, large + first, std::string("data: {\"choices\":[],\"usage\":null}\n\n"), std::string("data: {\"usage\":{}}\n\n"),
          std::string("\n\n\r\n\r"), std::string("data: {\"choices\":")}) {
        UsageChunkRemover remover;
        UsageMeter meter(MeterDialect::openai, UsageMeter::Framing::events);
        std::string out;
        for (const char& c : stream) {
            out += text_of(remover.feed({&c, 1}, meter));
        }
        out += text_of(remover.finish());
        CHECK_TEXT(stream.substr(0, 60), out, stream);
    }
}

void copies_nothing_of_whole_events(void**) {
    const std::string stream = first + first + last + done + first.substr(0, 10);
    UsageChunkRemover remover;
    UsageMeter meter(MeterDialect::openai, UsageMeter::Framing::events);
    const Passing& passing = remover.feed(stream, meter);
    CHECK("nothing was buffered", passing.buffered.empty());
    CHECK("the events before the chunk, and after it", passing.fed.size() == 2);
    CHECK("in place", passing.fed[0].data() == stream.data() && passing.fed[0].size() == 2 * first.size());
    CHECK_TEXT("at once", text_of(passing), first + first + done);
}

void passes_what_it_held_with_bytes_that_end_it(void**) {
    const std::string large = "data: " + std::string(3 * UsageChunkRemover::max_event_length, 'a') + "\n\n";
    const std::string stream = first + large + "\r\r" + first + last + done;
    for (const std::size_t size : {1U, 7U, 100U, 4096U, 30'000U}) {
        UsageChunkRemover remover;
        UsageMeter meter(MeterDialect::openai, UsageMeter::Framing::events);
        std::string out;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            const Passing& passing = remover.feed(std::string_view(stream).substr(at, size), meter);
            CHECK("with bytes, " + std::to_string(size), passing.buffered.empty() || !passing.fed.empty());
            CHECK("bounded, " + std::to_string(size), passing.buffered.size() <= UsageChunkRemover::max_event_length);
            out += text_of(passing);
        }
        out += text_of(remover.finish());
        CHECK_TEXT("pieces of " + std::to_string(size), out, first + large + "\r\r" + first + done);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_usage),
        cmocka_unit_test(takes_the_extra_chunk_out_wherever_it_is_cut),
        cmocka_unit_test(passes_all_else),
        cmocka_unit_test(copies_nothing_of_whole_events),
        cmocka_unit_test(passes_what_it_held_with_bytes_that_end_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
