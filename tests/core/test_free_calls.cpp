#include "core/tokens/free_calls.h"

#include "lib/check.h"

namespace {

using namespace api_key;
constexpr MeterDialect openai = MeterDialect::openai;
constexpr MeterDialect anthropic = MeterDialect::anthropic;
constexpr MeterDialect gemini = MeterDialect::gemini;

void knows_what_costs_nothing(void**) {
    const struct {
        MeterDialect dialect;
        std::string_view path;
        bool is_free;
    } rows[] = {
        {openai, "/v1/moderations", true},
        {openai, "/openai/moderations", true},
        {openai, "/v1/responses/input_tokens", true},
        {openai, "/v1/responses", false},
        {openai, "/v1/chat/completions", false},
        {openai, "/v1/chat/completions/moderations", false},
        {openai, "/v1/embeddings/moderations", false},
        {openai, "/v1/responses/responses/input_tokens", false},
        {openai, "/v1/premoderations", false},
        {openai, "/v1/moderations/", false},
        {openai, "/v1/Moderations", false},
        {openai, "/v1/messages/count_tokens", false},
        {anthropic, "/v1/messages/count_tokens", true},
        {anthropic, "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", true},
        {anthropic, "/model/anthropic.claude-demo-v2:0/count-tokens", true},
        {anthropic, "/v1/messages", false},
        {anthropic, "/v1/messages/messages/count_tokens", false},
        {anthropic, "/v1/messages/batches", false},
        {anthropic, "/v1/moderations", false},
        {gemini, "/v1beta/models/gemini-2.5-flash:countTokens", true},
        {gemini, "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:computeTokens", true},
        {gemini, "/v1beta/models/gemini-2.5-flash:generateContent", false},
        {gemini, "/v1beta/models/gemini-2.5-flash:generateContent:countTokens", false},
        {gemini, "/v1beta/models/gemini-2.5-flash:streamGenerateContent/x:countTokens", false},
        {gemini, "/v1beta/models/countTokens", false},
    };
    for (const auto& row : rows) {
        CHECK(row.path, is_free_call(row.dialect, row.path) == row.is_free);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_costs_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
