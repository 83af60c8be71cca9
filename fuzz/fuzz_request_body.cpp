// Any bytes as the body of a request to an AI API, JSON and form; and as a glob and a name.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/policy/model_glob.h"
#include "core/policy/model_name.h"
#include "core/text/utf8.h"
#include "core/tokens/multipart_form.h"
#include "core/tokens/prices.h"
#include "core/tokens/request_body.h"
#include "core/tokens/stream_usage.h"
#include "core/tokens/worst_case.h"

using namespace api_key;

namespace {

void check_facts(const Result<RequestFacts>& facts) {
    if (!facts) {
        MUST_HOLD(!facts.error().message.empty());
        return;
    }
    MUST_HOLD(facts->model.size() <= 256 && is_plain_text(facts->model));
    MUST_HOLD(facts->answers >= 1 && facts->max_output_tokens.value_or(1) >= 1 && facts->tool_calls >= 0);
    static const Prices prices = *Prices::parse(
        R"({"m":{"input_cost_per_token":1e-6,"output_cost_per_token":1e-5,"max_input_tokens":1000,"max_output_tokens":100,
            "search_context_cost_per_query":{"search_context_size_low":0.01}}})");
    const Result<WorstCase> worst = worst_case(*prices.find("m", ""), *facts, 1'000'000, std::nullopt);
    MUST_HOLD(worst ? worst->micro_credits >= 0 : !worst.error().message.empty());
}

// However it is spelled, an upstream is asked for its usage once.
void check_asking(std::string_view body) {
    if (const Result<RequestFacts> facts = read_json_body(MeterDialect::openai, Api::chat_completions, body)) {
        const std::optional<std::string> asking = with_usage_asked(body);
        const Result<RequestFacts> asked = read_json_body(MeterDialect::openai, Api::chat_completions, asking.value_or(""));
        MUST_HOLD(asked && asked->asks_for_usage && asked->model == facts->model && asked->answers == facts->answers);
    }
}

// matches[i]: the glob so far matches the first i characters.
bool matches_slowly(std::string_view glob, std::string_view model) {
    std::vector<bool> matches(model.size() + 1, false);
    matches[0] = true;
    for (const char c : glob) {
        if (c == '*') {
            for (std::size_t index = 1; index <= model.size(); index++) {
                matches[index] = matches[index] || matches[index - 1];
            }
            continue;
        }
        for (std::size_t index = model.size(); index > 0; index--) {
            matches[index] = matches[index - 1] && model[index - 1] == c;
        }
        matches[0] = false;
    }
    return matches[model.size()];
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr std::array<MeterDialect, 3> dialects{MeterDialect::openai, MeterDialect::anthropic, MeterDialect::gemini};
    for (unsigned api = 0; api <= static_cast<unsigned>(Api::embed_content); api++) {
        check_facts(read_json_body(dialects[api % dialects.size()], static_cast<Api>(api), text));
    }
    check_asking(text);
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string_view first = text.substr(0, line);
    const std::string_view rest = text.substr(std::min(line + 1, text.size()));
    check_facts(read_multipart_body(first, rest));
    check_facts(read_multipart_body("multipart/form-data; boundary=b", text));
    const Result<std::string_view> in_path = model_in_path(first);
    MUST_HOLD(!in_path || in_path->size() <= first.size());
    MUST_HOLD(!names_another_model({}, {}) && deployment_in_path(first).size() <= first.size());
    if (size <= 200) {
        MUST_HOLD(matches_model(first, rest) == matches_slowly(first, rest));
    }
    return 0;
}
