#include "core/tokens/free_calls.h"

#include <algorithm>
#include <array>

namespace api_key {

namespace {

struct FreeCall {
    MeterDialect dialect;
    std::string_view end; // the end of its path
};

constexpr std::array<FreeCall, 7> free_calls{{
    {MeterDialect::openai, "/moderations"},
    {MeterDialect::openai, "/responses/input_tokens"},
    {MeterDialect::anthropic, "/messages/count_tokens"},
    {MeterDialect::anthropic, "/models/count-tokens:rawPredict"}, // on Vertex AI
    {MeterDialect::anthropic, "/count-tokens"},                   // on Bedrock
    {MeterDialect::gemini, ":countTokens"},
    {MeterDialect::gemini, ":computeTokens"},
}};

// An upstream may ignore the rest of a path after the name of a call that is charged.
bool may_be_another_call(std::string_view begin) {
    constexpr std::array<std::string_view, 12> words{"complet", "messages", "responses", "embed",    "images",   "audio",
                                                     "rerank",  "predict",  "invoke",    "converse", "generate", "Generate"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return begin.find(word) != std::string_view::npos; });
}

} // namespace

bool is_free_call(MeterDialect dialect, std::string_view path) {
    return std::any_of(free_calls.begin(), free_calls.end(), [&](const FreeCall& call) {
        return call.dialect == dialect && path.ends_with(call.end) && !may_be_another_call(path.substr(0, path.size() - call.end.size()));
    });
}

} // namespace api_key
