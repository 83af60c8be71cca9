#include "core/tokens/request_body.h"

#include <array>

#include "core/policy/model_name.h"
#include "core/text/ascii.h"
#include "core/text/json_members.h"
#include "core/tokens/asked_tools.h"
#include "core/tokens/plain_input.h"

namespace api_key {

namespace {

using json_members::element;
using json_members::Member;
using json_members::object;
using json_members::Problem;

constexpr std::int64_t max_requested_tokens = std::int64_t{1} << 31;
constexpr std::int64_t max_choices = 1024;
constexpr std::int64_t max_prompts = 1'000'000;

// The state while a body is read.
struct Reading {
    MeterDialect dialect;
    Api api;
    RequestFacts facts;
    std::int64_t choices = 1;
    std::int64_t best_of = 1;
    std::int64_t prompts = 1;
    std::int64_t max_tool_calls = 0; // 0: not given
    bool is_text_only = false;       // the request asks for text only
};

Problem read_model(std::string_view, const element& value, Reading& reading) {
    std::string_view model;
    if (value.get(model) != simdjson::SUCCESS) {
        return wrong("model", "expected a text");
    }
    reading.facts.model = model;
    return check_model_name(model);
}

// OpenRouter and LiteLLM take further models from these members.
Problem refuse_more_models(std::string_view field, const element& value, Reading&) {
    return value.is_null() ? std::nullopt : Problem(wrong(field, "more models than one cannot be checked"));
}

Problem read_number(std::string_view field, const element& value, std::int64_t most, std::int64_t& number) {
    if (!value.is_null() && (value.get(number) != simdjson::SUCCESS || number < 1 || number > most)) {
        return wrong(field, "expected a whole number above 0");
    }
    return std::nullopt;
}

// An API ignores members that it does not know.
template <Api... apis>
Problem read_max_tokens(std::string_view field, const element& value, Reading& reading) {
    std::int64_t tokens = 0;
    if (((reading.api != apis) && ...) || value.is_null()) {
        return std::nullopt;
    }
    Problem problem = read_number(field, value, max_requested_tokens, tokens);
    reading.facts.max_output_tokens = std::max(tokens, reading.facts.max_output_tokens.value_or(0));
    return problem;
}

Problem read_choices(std::string_view field, const element& value, Reading& reading) {
    return read_number(field, value, max_choices, reading.choices);
}

Problem read_best_of(std::string_view field, const element& value, Reading& reading) {
    return read_number(field, value, max_choices, reading.best_of);
}

// The prompt is a text, tokens, or a list of either.
Problem read_prompt(std::string_view field, const element& value, Reading& reading) {
    simdjson::dom::array list;
    if (reading.api != Api::completions || value.get(list) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    std::int64_t prompts = 0;
    for (const element& one : list) {
        prompts += one.is_number() ? 0 : 1;
    }
    if (prompts > max_prompts) {
        return wrong(field, "expected a million prompts at the most");
    }
    reading.prompts = std::max<std::int64_t>(prompts, 1);
    return std::nullopt;
}

Problem read_flag(std::string_view field, const element& value, bool& flag) {
    if (!value.is_null() && value.get(flag) != simdjson::SUCCESS) {
        return wrong(field, "expected true or false");
    }
    return std::nullopt;
}

Problem read_stream(std::string_view field, const element& value, Reading& reading) {
    return read_flag(field, value, reading.facts.streams);
}

constexpr auto stream_members = std::to_array<Member<Reading>>({
    {"include_usage",
     {},
     [](std::string_view field, const element& value, Reading& reading) { return read_flag(field, value, reading.facts.asks_for_usage); }},
});

Problem read_stream_options(std::string_view field, const element& value, Reading& reading) {
    return json_members::read_inner<Reading>(field, value, stream_members, reading);
}

// ---- options with a price ------------------------------------------------------------------------------------------------------

void add_option(AskedFor what, std::string_view field, std::string value, Reading& reading) {
    reading.facts.options.push_back({what, std::string(field), std::move(value), 0});
}

// An option with text values. Those of the standard price, and any other kind of value (`speed` of speech is a number), have no extra
// price.
template <AskedFor what, std::size_t count>
Problem read_option(std::string_view field, const element& value, const std::array<std::string_view, count>& standard, Reading& reading) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && std::find(standard.begin(), standard.end(), text) == standard.end()) {
        add_option(what, field, shown_value(value), reading);
    }
    return std::nullopt;
}

Problem read_service_tier(std::string_view field, const element& value, Reading& reading) {
    constexpr std::array<std::string_view, 4> standard{"auto", "default", "standard", "standard_only"};
    if (!value.is_null() && !value.is_string()) {
        return wrong(field, "expected a text");
    }
    return read_option<AskedFor::service_tier>(field, value, standard, reading);
}

Problem read_speed(std::string_view field, const element& value, Reading& reading) {
    constexpr std::array<std::string_view, 1> standard{"standard"};
    return read_option<AskedFor::multiplier>(field, value, standard, reading);
}

Problem read_geography(std::string_view field, const element& value, Reading& reading) {
    constexpr std::array<std::string_view, 1> standard{"global"};
    return read_option<AskedFor::multiplier>(field, value, standard, reading);
}

Problem read_modalities(std::string_view field, const element& value, Reading& reading) {
    simdjson::dom::array list;
    if (value.is_null()) {
        return std::nullopt;
    }
    if (value.get(list) != simdjson::SUCCESS) {
        return wrong(field, "expected a list");
    }
    reading.is_text_only = list.size() != 0;
    for (const element& one : list) {
        std::string_view modality;
        if (one.get(modality) != simdjson::SUCCESS || !equal_in_any_case(modality, "text")) {
            reading.is_text_only = false;
            add_option(AskedFor::media_output, field, shown_value(one), reading);
        }
    }
    return std::nullopt;
}

constexpr auto generation_members = std::to_array<Member<Reading>>({
    {"maxOutputTokens", "max_output_tokens", read_max_tokens<Api::generate_content>},
    {"candidateCount", "candidate_count", read_choices},
    {"responseModalities", "response_modalities", read_modalities},
});

Problem read_generation_config(std::string_view field, const element& value, Reading& reading) {
    return json_members::read_inner<Reading>(field, value, generation_members, reading);
}

Problem read_tools_of(std::string_view, const element& value, Reading& reading) {
    return read_tools(reading.dialect, value, reading.facts);
}

Problem read_search(std::string_view, const element& value, Reading& reading) {
    return read_web_search_options(value, reading.facts);
}

Problem read_max_tool_calls(std::string_view field, const element& value, Reading& reading) {
    return read_number(field, value, max_uses, reading.max_tool_calls);
}

constexpr auto model_members = std::to_array<Member<Reading>>({
    {"model", {}, read_model},
    {"models", {}, refuse_more_models},
    {"fallbacks", {}, refuse_more_models},
});

constexpr auto members = std::to_array<Member<Reading>>({
    {"model", {}, read_model},
    {"models", {}, refuse_more_models},
    {"fallbacks", {}, refuse_more_models},
    {"max_tokens", {}, read_max_tokens<Api::chat_completions, Api::completions, Api::messages>},
    {"max_completion_tokens", {}, read_max_tokens<Api::chat_completions>},
    {"max_output_tokens", {}, read_max_tokens<Api::responses>},
    {"max_tokens_to_sample", {}, read_max_tokens<Api::text_completion>},
    {"n", {}, read_choices},
    {"best_of", {}, read_best_of},
    {"prompt", {}, read_prompt},
    {"stream", {}, read_stream},
    {"stream_options", {}, read_stream_options},
    {"generationConfig", "generation_config", read_generation_config},
    {"service_tier", "serviceTier", read_service_tier},
    {"speed", {}, read_speed},
    {"inference_geo", {}, read_geography},
    {"modalities", {}, read_modalities},
    {"tools", {}, read_tools_of},
    {"web_search_options", {}, read_search},
    {"max_tool_calls", {}, read_max_tool_calls},
});

// ---- members at any depth ------------------------------------------------------------------------------------------------------

void note_long_cache(const element& value, Reading& reading) {
    element ttl;
    std::string_view time;
    if (value.get_object()["ttl"].get(ttl) == simdjson::SUCCESS && ttl.get(time) == simdjson::SUCCESS && time != "5m") {
        add_option(AskedFor::long_cache, "cache_control.ttl", shown_value(ttl), reading);
    }
}

bool says_audio(std::string_view name, const element& value) {
    std::string_view text;
    if (name == "input_audio" || name == "inputaudio" || name == "audio_url") {
        return !value.is_null();
    }
    const bool is_type = name == "mimetype" || name == "mime_type" || name == "media_type";
    return is_type && value.get(text) == simdjson::SUCCESS && starts_in_any_case(text, "audio/");
}

void scan(const element& value, Reading& reading) {
    if (object inner; value.get(inner) == simdjson::SUCCESS) {
        for (const auto& field : inner) {
            const std::string name = folded_name(field.key);
            if (name == "cache_control") {
                note_long_cache(field.value, reading);
            } else if (says_audio(name, field.value)) {
                add_option(AskedFor::audio_input, std::string(field.key), "audio", reading);
            } else {
                scan(field.value, reading);
            }
        }
    }
    if (simdjson::dom::array list; value.get(list) == simdjson::SUCCESS) {
        for (const element& one : list) {
            scan(one, reading);
        }
    }
}

// OpenAI's APIs make media only when asked, Anthropic's never; a model of Gemini's that can make media may do so unasked.
bool makes_text_alone(const Reading& reading) {
    return reading.is_text_only || reading.dialect == MeterDialect::anthropic ||
           (reading.dialect == MeterDialect::openai && reading.api != Api::other);
}

RequestFacts finish(Reading& reading) {
    RequestFacts& facts = reading.facts;
    facts.answers = std::max(reading.choices, reading.best_of) * reading.prompts;
    if (reading.max_tool_calls != 0 && reading.api == Api::responses && facts.tool_calls != 0) {
        facts.tool_calls = reading.max_tool_calls;
        for (AskedOption& option : facts.options) {
            option.calls = option.calls != 0 ? reading.max_tool_calls : 0;
        }
    }
    if (!makes_text_alone(reading)) {
        facts.options.push_back({AskedFor::media_output, "model", {}, 0});
    }
    return std::move(facts);
}

} // namespace

Result<RequestFacts> read_json_body(std::optional<MeterDialect> dialect, Api api, std::string_view body) {
    simdjson::dom::parser parser;
    element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document); error != simdjson::SUCCESS) {
        return Error{"", std::string("The request body is not valid JSON: ") + simdjson::error_message(error)};
    }
    object root;
    if (document.get(root) != simdjson::SUCCESS) {
        return Error{"", "The request body must be a JSON object"};
    }
    Reading reading{dialect.value_or(MeterDialect::openai), api, {}};
    reading.facts.bytes = static_cast<std::int64_t>(body.size());
    if (!dialect) {
        Problem problem = json_members::read_members<Reading>(root, model_members, reading);
        return problem ? Result<RequestFacts>(*problem) : Result<RequestFacts>(std::move(reading.facts));
    }
    if (Problem problem = json_members::read_members<Reading>(root, members, reading)) {
        return *problem;
    }
    reading.facts.input_elsewhere = reading.facts.input_elsewhere || !std::all_of(root.begin(), root.end(), [&](const auto& field) {
                                        return is_plain_input(*dialect, field.key, field.value);
                                    });
    scan(document, reading);
    return finish(reading);
}

} // namespace api_key
