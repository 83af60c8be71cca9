#include "core/tokens/prices.h"

#include <string>

#include "core/text/money.h"

#include "lib/check.h"

using namespace api_key;

namespace {

void prices_are_whole_numbers_rounded_up(void**) {
    const struct {
        std::string_view text;
        std::optional<std::int64_t> pico;
    } rows[] = {
        {"0", 0},
        {"0.0", 0},
        {"0e0", 0},
        {"1", 1'000'000'000'000},
        {"1.0", 1'000'000'000'000},
        {"1e-06", 1'000'000},
        {"1.25e-06", 1'250'000},
        {"1.1E-6", 1'100'000},
        {"7.5e-08", 75'000},
        {"0.00000015", 150'000},
        {"2.8500000000000002e-05", 28'500'001},
        {"1e-12", 1},
        {"1e-13", 1},
        {"1.00000000000000000000000000001e-06", 1'000'001},
        {"3e-100", 1},
        {"15e-1", std::nullopt},
        {"1.000000000001", std::nullopt},
        {"1e2", std::nullopt},
        {"-1e-6", std::nullopt},
        {"+1e-6", std::nullopt},
        {"1e", std::nullopt},
        {"1e-", std::nullopt},
        {".5", std::nullopt},
        {"5.", std::nullopt},
        {"1e-999", std::nullopt},
        {"\"1e-6\"", std::nullopt},
        {"true", std::nullopt},
        {"", std::nullopt},
        {"99999999999999999999999999", std::nullopt},
    };
    for (const auto& row : rows) {
        CHECK(row.text, pico_credits(row.text) == row.pico);
    }
}

Prices parsed(std::string_view json) {
    Result<Prices> prices = Prices::parse(json);
    CHECK(json, static_cast<bool>(prices));
    return std::move(*prices);
}

constexpr std::string_view litellm = R"({
  "sample_spec": {"max_tokens": "LEGACY parameter", "input_cost_per_token": "explained", "supports_vision": true},
  "gpt-x": {"max_tokens": 16384, "max_input_tokens": 128000, "max_output_tokens": 16000, "input_cost_per_token": 2.5e-06,
    "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_batches": 1.25e-06,
    "litellm_provider": "openai", "mode": "chat", "supported_endpoints": ["/v1/chat/completions"],
    "search_context_cost_per_query": {"search_context_size_low": 0.03}},
  "claude-x": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06, "cache_read_input_token_cost": 3e-07,
    "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
    "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06, "cache_read_input_token_cost_above_200k_tokens": 6e-07,
    "max_tokens": 64000},
  "gemini/gemini-x": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "output_cost_per_reasoning_token": 3.5e-06,
    "output_cost_per_token_above_128k_tokens": null},
  "embed-x": {"input_cost_per_token": 2e-08, "mode": "embedding", "max_input_tokens": 8191},
  "image-x": {"input_cost_per_image": 0.04, "mode": "image_generation"},
  "free-x": {"input_cost_per_token": 0.0, "output_cost_per_token": 0},
  "half-x": {"input_cost_per_token": 1e-06, "mode": "chat"}
})";

void litellms_file_is_read_as_it_is(void**) {
    const Prices prices = parsed(litellm);
    assert_int_equal(prices.size(), 5);
    const ModelPrice& gpt = *prices.find("gpt-x", "openai");
    assert_true((gpt.standard().prices == TokenPrices{2'500'000, 1'250'000, 2'500'000, 2'500'000, 10'000'000, 10'000'000}));
    assert_true(gpt.max_output_tokens == 16000 && gpt.max_input_tokens == 128000 && gpt.standard().tiers.empty());
    const ModelPrice& claude = *prices.find("claude-x", "anthropic");
    assert_true((claude.standard().prices == TokenPrices{3'000'000, 300'000, 3'750'000, 6'000'000, 15'000'000, 15'000'000}));
    assert_int_equal(claude.standard().tiers.size(), 1);
    assert_int_equal(claude.standard().tiers[0].above_input_tokens, 200'000);
    assert_true((claude.standard().tiers[0].prices == TokenPrices{6'000'000, 600'000, 7'500'000, 7'500'000, 22'500'000, 22'500'000}));
    assert_true(claude.max_output_tokens == 64000);
    assert_null(prices.find("gemini-x", "openai"));
    assert_int_equal(prices.find("gemini-x", "gemini")->standard().prices.reasoning, 3'500'000);
    assert_true(prices.find("embed-x", "openai")->max_output_tokens == 0);
    assert_true(prices.find("free-x", "openai")->standard().is_free());
    assert_false(gpt.standard().is_free());
    for (const std::string_view name : {"image-x", "half-x", "sample_spec", "GPT-X", ""}) {
        CHECK(name, prices.find(name, "openai") == nullptr);
    }
}

constexpr std::string_view services = R"({
  "all": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07,
    "input_cost_per_token_priority": 3e-06, "output_cost_per_token_priority": 1.4e-05, "cache_read_input_token_cost_priority": 8e-07,
    "input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06,
    "input_cost_per_token_batches": 1e-06, "output_cost_per_token_batches": 4e-06},
  "half": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "input_cost_per_token_priority": 3e-06},
  "long": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "input_cost_per_token_above_200k_tokens": 4e-06,
    "input_cost_per_token_priority": 3e-06, "output_cost_per_token_priority": 1.4e-05,
    "input_cost_per_token_above_200k_tokens_flex": 2e-06, "input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06},
  "tools": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "file_search_cost_per_1k_calls": 2.5,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_high": 0.05, "note": null},
    "code_interpreter_cost_per_session": 0.03, "provider_specific_entry": {"fast": 6.0, "us": 1.1, "note": "text", "more": {"us": 9}}},
  "silent": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "search_context_cost_per_query": null,
    "code_interpreter_cost_per_session": null, "provider_specific_entry": null}
})";

void service_tiers_have_prices_of_their_own(void**) {
    const Prices prices = parsed(services);
    const ModelPrice& all = *prices.find("all", "");
    assert_int_equal(all.standard().prices.input, 2'000'000);
    assert_true((all.list(ServiceTier::priority)->prices == TokenPrices{3'000'000, 800'000, 3'000'000, 3'000'000, 14'000'000, 14'000'000}));
    assert_int_equal(all.list(ServiceTier::flex)->prices.output, 4'000'000);
    assert_int_equal(all.list(ServiceTier::batch)->prices.input, 1'000'000);
    assert_null(prices.find("half", "")->list(ServiceTier::priority));
    assert_null(prices.find("half", "")->list(ServiceTier::flex));
    const ModelPrice& with_tiers = *prices.find("long", "");
    const PriceTier& priority = with_tiers.list(ServiceTier::priority)->tiers.at(0);
    assert_true(priority.above_input_tokens == 200'000 && priority.prices.input == 4'000'000 && priority.prices.output == 14'000'000);
    const PriceTier& flex = with_tiers.list(ServiceTier::flex)->tiers.at(0);
    assert_true(flex.prices.input == 2'000'000 && flex.prices.output == 4'000'000);
}

void options_and_tools_have_prices(void**) {
    const Prices prices = parsed(services);
    const ModelPrice& tools = *prices.find("tools", "");
    assert_true(tools.multiplier("fast") == 6'000'000 && tools.multiplier("us") == 1'100'000 && !tools.multiplier("note"));
    assert_true(tools.fees.web_search[0] == 30'000'000'000 && !tools.fees.web_search[1]);
    assert_true(tools.fees.dearest_web_search() == 50'000'000'000);
    assert_true(tools.fees.file_search == 2'500'000'000 && tools.fees.code_interpreter == 30'000'000'000);
    assert_int_equal(fees_micro_credits(*tools.fees.file_search, 3, 1'000'000), 7500);
    assert_int_equal(fees_micro_credits(*tools.fees.web_search[0], 2, 1'500'000), 90'000);
    assert_int_equal(combined_millionths(1'250'000, 1'100'000), 1'375'000);
    assert_int_equal(combined_millionths(1'000'001, 1'000'001), 1'000'003);
    const ModelPrice& silent = *prices.find("silent", "");
    assert_true(!silent.fees.dearest_web_search() && !silent.fees.file_search && !silent.fees.code_interpreter);
    assert_true(silent.multipliers.empty());
}

void what_cannot_be_is_refused_by_its_name(void**) {
    const struct {
        std::string_view json;
        std::string_view message;
    } rows[] = {
        {R"({"m":{"input_cost_per_token":-1e-6}})", "m.input_cost_per_token: expected a price from 0 to 1 per token"},
        {R"({"m":{"output_cost_per_token":1.5}})", "m.output_cost_per_token: expected a price from 0 to 1 per token"},
        {R"({"m":{"input_cost_per_token":"1e-6"}})", "m.input_cost_per_token: expected a price from 0 to 1 per token"},
        {R"({"m":{"cache_read_input_token_cost_above_200k_tokens":2}})",
         "m.cache_read_input_token_cost_above_200k_tokens: expected a price from 0 to 1 per token"},
        {R"({"m":{"input_cost_per_token_above_200k_tokens_priority":2}})",
         "m.input_cost_per_token_above_200k_tokens_priority: expected a price from 0 to 1 per token"},
        {R"({"m":{"file_search_cost_per_1k_calls":-1}})", "m.file_search_cost_per_1k_calls: expected a price from 0 to 1000 per call"},
        {R"({"m":{"search_context_cost_per_query":{"search_context_size_low":"3"}}})",
         "m.search_context_cost_per_query.search_context_size_low: expected a price from 0 to 1000 per call"},
        {R"({"m":{"search_context_cost_per_query":3}})", "m.search_context_cost_per_query: expected an object"},
        {R"({"m":{"search_context_cost_per_query":nul}})", "m.search_context_cost_per_query: expected an object"},
        {R"({"m":5})", "m: expected an object"},
        {R"([])", "expected an object of models by name"},
    };
    for (const auto& row : rows) {
        const Result<Prices> prices = Prices::parse(row.json);
        CHECK(row.json, !prices);
        CHECK_TEXT(row.json, prices.error().message, row.message);
    }
    for (const std::string_view json : {"", "{", R"({"m":{"input_cost_per_token":1e-6})", R"({} {})", R"({"m":{"a":}})"}) {
        CHECK(json, !Prices::parse(json));
    }
}

TokenUsage usage(std::int64_t input, std::int64_t output) {
    TokenUsage usage;
    usage.known = true;
    usage.input = input;
    usage.output = output;
    return usage;
}

void costs_are_exact_and_rounded_up(void**) {
    const Prices prices = parsed(litellm);
    const ModelPrice& gpt = *prices.find("gpt-x", "");
    const ModelPrice& claude = *prices.find("claude-x", "");
    const ModelPrice& gemini = *prices.find("gemini-x", "gemini");
    TokenUsage cached = usage(100, 0);
    cached.cached_input = 100;
    TokenUsage written = usage(0, 0);
    written.cache_write = 1000;
    written.cache_write_1h = 1000;
    TokenUsage long_cached = usage(1, 10);
    long_cached.cached_input = 200'000;
    TokenUsage thoughts = usage(0, 1000);
    thoughts.reasoning = 400;
    const struct {
        std::string_view row;
        const ModelPrice& price;
        TokenUsage usage;
        std::int64_t multiplier_millionths;
        std::int64_t micro_credits;
    } rows[] = {
        {"nothing", gpt, usage(0, 0), 1'000'000, 0},
        {"one token, rounded up", gpt, usage(1, 0), 1'000'000, 3},
        {"input and output", gpt, usage(1000, 500), 1'000'000, 7500},
        {"a multiplier", gpt, usage(1000, 500), 1'250'000, 9375},
        {"a multiplier, rounded up", gpt, usage(1, 0), 1'300'001, 4},
        {"a multiplier of 0", gpt, usage(1000, 500), 0, 0},
        {"cached input", gpt, cached, 1'000'000, 375},
        {"writes to the cache", claude, written, 1'000'000, 9750},
        {"just not above the tier", claude, usage(200'000, 10), 1'000'000, 600'150},
        {"above the tier, output too", claude, usage(200'001, 10), 1'000'000, 1'200'231},
        {"cached tokens count towards the tier", claude, long_cached, 1'000'000, 120'231},
        {"thoughts", gemini, thoughts, 1'000'000, 2600},
        {"no count of tokens", gpt, usage(std::int64_t{1} << 62, std::int64_t{1} << 62), 1'000'000'000, money_max_micro},
    };
    for (const auto& row : rows) {
        const std::int64_t cost = cost_micro_credits(row.price.standard(), row.usage, row.multiplier_millionths);
        CHECK_TEXT(row.row, std::to_string(cost), std::to_string(row.micro_credits));
    }
}

void the_worst_case_is_never_below_the_cost(void**) {
    const Prices prices = parsed(litellm);
    const ModelPrice& claude = *prices.find("claude-x", "");
    assert_int_equal(worst_cost_micro_credits(claude.standard(), 1000, 100, 1'000'000), 7500);
    for (std::int64_t input = 0; input < 400'000; input += 39'999) {
        for (unsigned kind = 0; kind < 4; kind++) {
            TokenUsage used = usage(0, 500);
            (kind == 0 ? used.input : kind == 1 ? used.cached_input : kind == 2 ? used.cache_write : used.cache_write_1h) = input;
            used.reasoning = kind * 100;
            CHECK(std::to_string(input), cost_micro_credits(claude.standard(), used, 1'100'000) <=
                                             worst_cost_micro_credits(claude.standard(), input, 500, 1'100'000));
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(prices_are_whole_numbers_rounded_up),    cmocka_unit_test(litellms_file_is_read_as_it_is),
        cmocka_unit_test(service_tiers_have_prices_of_their_own), cmocka_unit_test(options_and_tools_have_prices),
        cmocka_unit_test(what_cannot_be_is_refused_by_its_name),  cmocka_unit_test(costs_are_exact_and_rounded_up),
        cmocka_unit_test(the_worst_case_is_never_below_the_cost),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
