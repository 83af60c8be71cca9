#include "core/tokens/worst_case.h"

#include "core/tokens/prices.h"

#include "lib/check.h"

namespace {

using namespace api_key;

// One credit per million tokens of input, ten for output: 1 and 10 micro-credits per token.
constexpr std::string_view file = R"({
  "m": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05, "max_input_tokens": 100000, "max_output_tokens": 1000,
    "input_cost_per_token_priority": 2e-06, "output_cost_per_token_priority": 2e-05,
    "input_cost_per_token_flex": 5e-07, "output_cost_per_token_flex": 5e-06,
    "cache_creation_input_token_cost": 1e-06, "cache_creation_input_token_cost_above_1hr": 1e-06,
    "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_high": 0.02},
    "file_search_cost_per_1k_calls": 1.0, "provider_specific_entry": {"fast": 6.0, "us": 1.1}},
  "plain": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05, "max_input_tokens": 100000, "max_output_tokens": 1000},
  "endless": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05,
    "input_cost_per_token_flex": 5e-07, "output_cost_per_token_flex": 5e-06},
  "audio": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05, "max_input_tokens": 100000, "max_output_tokens": 1000,
    "input_cost_per_audio_token": 4e-05, "output_cost_per_image_token": 8e-05},
  "free": {"input_cost_per_token": 0, "output_cost_per_token": 0},
  "openai/container": {"code_interpreter_cost_per_session": 0.03, "mode": "chat"}
})";

RequestFacts facts(std::int64_t bytes, std::int64_t max_output, std::int64_t answers = 1) {
    RequestFacts facts;
    facts.bytes = bytes;
    facts.answers = answers;
    if (max_output != 0) {
        facts.max_output_tokens = max_output;
    }
    return facts;
}

RequestFacts elsewhere(std::int64_t tool_calls) {
    RequestFacts facts;
    facts.input_elsewhere = true;
    facts.tool_calls = tool_calls;
    facts.max_output_tokens = 100;
    return facts;
}

RequestFacts with(RequestFacts facts, std::vector<AskedOption> options) {
    facts.options = std::move(options);
    return facts;
}

constexpr std::int64_t around = 1024; // tokens that an API adds

void is_the_most_that_it_can_cost(void**) {
    const Result<Prices> prices = Prices::parse(file);
    const struct {
        std::string_view row;
        std::string_view model;
        RequestFacts facts;
        std::int64_t micro_credits; // -1: unknown
    } rows[] = {
        {"text", "m", facts(100, 10), 100 + around + 100},
        {"no limit of its own", "m", facts(100, 0), 100 + around + 10'000},
        {"a limit above the model's", "m", facts(100, 5000), 100 + around + 10'000},
        {"more answers", "m", facts(100, 10, 20), 100 + around + 2000},
        {"answers without end", "m", facts(0, 1000, std::int64_t{1} << 40), 10'000'000'001'024},
        {"more text than the model reads", "m", facts(1'000'000, 10), 100'000 + 100},
        {"input elsewhere", "m", elsewhere(0), 100'000 + 1000},
        {"… read again after each call", "m", elsewhere(2), 300'000 + 1000},
        {"input elsewhere, of any size", "endless", elsewhere(0), -1},
        {"output of any size", "endless", facts(100, 0), -1},
        {"free", "free", elsewhere(1), 0},
        {"priority", "m", with(facts(0, 10), {{AskedFor::service_tier, "service_tier", "priority", 0}}), 2 * around + 200},
        {"flex", "endless", with(facts(0, 10), {{AskedFor::service_tier, "service_tier", "flex", 0}}), around / 2 + 50},
        {"fast, in one country", "m",
         with(facts(0, 10), {{AskedFor::multiplier, "speed", "fast", 0}, {AskedFor::multiplier, "inference_geo", "us", 0}}), 7419},
        {"searches", "m", with(facts(0, 10), {{AskedFor::web_search, "tools.type", "web_search", 3}}), around + 100 + 60'000},
        {"searches of files", "m", with(facts(0, 10), {{AskedFor::file_search, "tools.type", "file_search", 3}}), around + 100 + 3000},
        {"a session", "m", with(facts(0, 10), {{AskedFor::code_interpreter, "tools.type", "code_interpreter", 1}}), around + 100 + 30'000},
        {"a free model's session", "free", with(facts(0, 10), {{AskedFor::code_interpreter, "tools.type", "x", 1}}), 30'000},
        {"writes for an hour", "m", with(facts(0, 10), {{AskedFor::long_cache, "cache_control.ttl", "1h", 0}}), around + 100},
        {"audio that is not dearer", "m", with(facts(0, 10), {{AskedFor::audio_input, "input_audio", "audio", 0}}), around + 100},
        {"media that nobody asked for", "m", with(facts(0, 10), {{AskedFor::media_output, "model", "", 0}}), around + 100},
    };
    for (const auto& row : rows) {
        const Result<WorstCase> worst = worst_case(*prices->find(row.model, ""), row.facts, 1'000'000, prices->container_fee("openai"));
        CHECK(row.row, static_cast<bool>(worst));
        CHECK_TEXT(row.row, std::to_string(worst->micro_credits.value_or(-1)), std::to_string(row.micro_credits));
        CHECK(row.row, worst->missing.empty() == worst->micro_credits.has_value());
    }
}

void what_has_no_price_is_named(void**) {
    const Result<Prices> prices = Prices::parse(file);
    const struct {
        std::string_view model;
        AskedOption option;
        std::string_view message;
    } rows[] = {
        {"plain", {AskedFor::service_tier, "service_tier", "priority", 0}, "service_tier: priority has no price here"},
        {"m", {AskedFor::service_tier, "service_tier", "scale", 0}, "service_tier: scale has no price here"},
        {"m", {AskedFor::service_tier, "service_tier", "batch", 0}, "service_tier: batch has no price here"},
        {"plain", {AskedFor::multiplier, "speed", "fast", 0}, "speed: fast has no price here"},
        {"m", {AskedFor::multiplier, "inference_geo", "eu", 0}, "inference_geo: eu has no price here"},
        {"plain", {AskedFor::web_search, "tools.type", "web_search", 1}, "tools.type: web_search has no price here"},
        {"plain", {AskedFor::file_search, "tools.type", "file_search", 1}, "tools.type: file_search has no price here"},
        {"free", {AskedFor::unknown, "tools.type", "image_generation", 1}, "tools.type: image_generation has no price here"},
        {"plain", {AskedFor::long_cache, "cache_control.ttl", "1h", 0}, "cache_control.ttl: 1h has no price here"},
        {"audio", {AskedFor::audio_input, "input_audio", "audio", 0}, "input_audio: audio has no price here"},
        {"audio", {AskedFor::media_output, "model", "", 0}, "model: what it may make beside text has no price here"},
        {"m", {AskedFor::media_output, "modalities", "audio", 0}, "modalities: audio has no price here"},
    };
    for (const auto& row : rows) {
        const Result<WorstCase> worst = worst_case(*prices->find(row.model, ""), with(facts(0, 10), {row.option}), 1'000'000, std::nullopt);
        CHECK(row.message, !worst);
        CHECK_TEXT(row.message, worst.error().message, row.message);
    }
    CHECK("no container", !worst_case(*prices->find("m", ""), with(facts(0, 10), {{AskedFor::code_interpreter, "tools.type", "x", 1}}),
                                      1'000'000, std::nullopt));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(is_the_most_that_it_can_cost), cmocka_unit_test(what_has_no_price_is_named)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
