#include "core/tokens/plain_input.h"

#include <algorithm>
#include <array>
#include <span>

namespace api_key {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using Names = std::span<const std::string_view>;

// The members of an API's content. Those in `opaque` are given to the model as text, whatever they hold.
struct Vocabulary {
    Names options; // at the top: settings, and text that is opaque
    Names content; // at the top: members to look into
    Names members; // inside
    Names opaque;  // inside
    Names types;   // types of parts that are text; empty: its parts have no type
};

constexpr auto openai_options = std::to_array<std::string_view>({"model",
                                                                 "frequency_penalty",
                                                                 "presence_penalty",
                                                                 "function_call",
                                                                 "functions",
                                                                 "tools",
                                                                 "tool_choice",
                                                                 "logit_bias",
                                                                 "metadata",
                                                                 "modalities",
                                                                 "audio",
                                                                 "prediction",
                                                                 "prompt_cache_key",
                                                                 "prompt_cache_retention",
                                                                 "reasoning",
                                                                 "reasoning_effort",
                                                                 "response_format",
                                                                 "safety_identifier",
                                                                 "service_tier",
                                                                 "stop",
                                                                 "stream_options",
                                                                 "text",
                                                                 "user",
                                                                 "verbosity",
                                                                 "web_search_options",
                                                                 "include",
                                                                 "truncation",
                                                                 "suffix",
                                                                 "encoding_format",
                                                                 "input_type",
                                                                 "task",
                                                                 "thinking",
                                                                 "chat_template_kwargs",
                                                                 "guided_json",
                                                                 "guided_regex",
                                                                 "guided_choice",
                                                                 "guided_grammar",
                                                                 "structured_outputs",
                                                                 "format",
                                                                 "keep_alive",
                                                                 "stop_token_ids",
                                                                 "bad_words",
                                                                 "allowed_token_ids",
                                                                 "priority",
                                                                 "usage"});
constexpr auto openai_content =
    std::to_array<std::string_view>({"messages", "input", "prompt", "instructions", "query", "documents", "system"});
constexpr auto openai_members = std::to_array<std::string_view>({"role",
                                                                 "content",
                                                                 "name",
                                                                 "type",
                                                                 "text",
                                                                 "refusal",
                                                                 "tool_calls",
                                                                 "tool_call_id",
                                                                 "id",
                                                                 "function",
                                                                 "function_call",
                                                                 "index",
                                                                 "status",
                                                                 "call_id",
                                                                 "summary",
                                                                 "encrypted_content",
                                                                 "reasoning_content",
                                                                 "reasoning",
                                                                 "arguments",
                                                                 "custom",
                                                                 "phase",
                                                                 "output",
                                                                 "input",
                                                                 "ttl",
                                                                 "cache_control",
                                                                 "prefix",
                                                                 "partial",
                                                                 "annotations"});
constexpr auto openai_opaque = std::to_array<std::string_view>({"logprobs", "metadata"});
constexpr auto openai_types = std::to_array<std::string_view>(
    {"text", "input_text", "output_text", "refusal", "function", "custom", "message", "summary_text", "reasoning_text", "reasoning",
     "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "ephemeral"});

constexpr auto anthropic_options = std::to_array<std::string_view>(
    {"model", "metadata", "stop_sequences", "tools", "tool_choice", "thinking", "service_tier", "speed", "inference_geo", "betas",
     "cache_control", "output_config", "output_format", "context_management", "anthropic_version", "anthropic_beta", "stop"});
constexpr auto anthropic_content = std::to_array<std::string_view>({"messages", "system", "prompt"});
constexpr auto anthropic_members = std::to_array<std::string_view>(
    {"role",          "content", "type", "text", "source", "media_type", "data",        "title",    "context",  "citations", "enabled",
     "cache_control", "ttl",     "id",   "name", "input",  "caller",     "tool_use_id", "is_error", "thinking", "signature", "scope"});
constexpr auto anthropic_opaque = std::to_array<std::string_view>({"input"});
constexpr auto anthropic_types = std::to_array<std::string_view>(
    {"text", "thinking", "redacted_thinking", "tool_use", "tool_result", "document", "content", "ephemeral", "direct"});

constexpr auto gemini_options = std::to_array<std::string_view>({"model",
                                                                 "generationConfig",
                                                                 "generation_config",
                                                                 "safetySettings",
                                                                 "safety_settings",
                                                                 "tools",
                                                                 "toolConfig",
                                                                 "tool_config",
                                                                 "labels",
                                                                 "serviceTier",
                                                                 "service_tier",
                                                                 "taskType",
                                                                 "task_type",
                                                                 "title",
                                                                 "outputDimensionality",
                                                                 "output_dimensionality",
                                                                 "store",
                                                                 "embedContentConfig",
                                                                 "embed_content_config",
                                                                 "stream"});
constexpr auto gemini_content =
    std::to_array<std::string_view>({"contents", "content", "systemInstruction", "system_instruction", "requests"});
constexpr auto gemini_members = std::to_array<std::string_view>({"role",
                                                                 "parts",
                                                                 "text",
                                                                 "thought",
                                                                 "thoughtSignature",
                                                                 "thought_signature",
                                                                 "functionCall",
                                                                 "function_call",
                                                                 "functionResponse",
                                                                 "function_response",
                                                                 "id",
                                                                 "name",
                                                                 "args",
                                                                 "response",
                                                                 "scheduling",
                                                                 "willContinue",
                                                                 "will_continue",
                                                                 "executableCode",
                                                                 "executable_code",
                                                                 "codeExecutionResult",
                                                                 "code_execution_result",
                                                                 "language",
                                                                 "code",
                                                                 "outcome",
                                                                 "output",
                                                                 "content",
                                                                 "model",
                                                                 "taskType",
                                                                 "task_type",
                                                                 "title",
                                                                 "outputDimensionality",
                                                                 "output_dimensionality"});
constexpr auto gemini_opaque = std::to_array<std::string_view>({"args", "response"});

const Vocabulary& vocabulary_of(MeterDialect dialect) {
    static constexpr Vocabulary openai{openai_options, openai_content, openai_members, openai_opaque, openai_types};
    static constexpr Vocabulary anthropic{anthropic_options, anthropic_content, anthropic_members, anthropic_opaque, anthropic_types};
    static constexpr Vocabulary gemini{gemini_options, gemini_content, gemini_members, gemini_opaque, {}};
    switch (dialect) {
    case MeterDialect::openai:
        return openai;
    case MeterDialect::anthropic:
        return anthropic;
    case MeterDialect::gemini:
        break;
    }
    return gemini;
}

bool has(Names names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_number_or_flag(const element& value) {
    return value.is_number() || value.is_bool() || value.is_null();
}

bool is_plain(const Vocabulary& vocabulary, const element& value);

bool is_plain_member(const Vocabulary& vocabulary, std::string_view name, const element& value) {
    if (is_number_or_flag(value) || has(vocabulary.opaque, name)) {
        return true;
    }
    if (std::string_view type; name == "type" && value.get(type) == simdjson::SUCCESS) {
        return has(vocabulary.types, type);
    }
    return has(vocabulary.members, name) && is_plain(vocabulary, value);
}

// OpenAI's reasoning is either sent along, encrypted, or only referenced.
bool is_stored_reasoning(const object& item) {
    std::string_view type;
    std::string_view content;
    return item["type"].get(type) == simdjson::SUCCESS && type == "reasoning" &&
           item["encrypted_content"].get(content) != simdjson::SUCCESS;
}

bool is_plain(const Vocabulary& vocabulary, const element& value) {
    if (object inner; value.get(inner) == simdjson::SUCCESS) {
        return !is_stored_reasoning(inner) && std::all_of(inner.begin(), inner.end(), [&](const auto& field) {
            return is_plain_member(vocabulary, field.key, field.value);
        });
    }
    if (simdjson::dom::array list; value.get(list) == simdjson::SUCCESS) {
        return std::all_of(list.begin(), list.end(), [&](const element& one) { return is_plain(vocabulary, one); });
    }
    return true;
}

} // namespace

bool is_plain_input(MeterDialect dialect, std::string_view name, const element& value) {
    const Vocabulary& vocabulary = vocabulary_of(dialect);
    if (is_number_or_flag(value) || has(vocabulary.options, name)) {
        return true;
    }
    // a prompt that is an object names one that is stored
    return has(vocabulary.content, name) && !(name == "prompt" && value.is_object()) && is_plain(vocabulary, value);
}

} // namespace api_key
