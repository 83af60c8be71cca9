#include "core/usage_meter.h"

#include <algorithm>

#include "core/event_stream.h"

namespace api_key {

namespace {

constexpr std::string_view data_field = "data:";

// OpenAI: chat completions (prompt, completion), embeddings, Responses (input, output; streamed inside `response`).
enum OpenaiSlot : std::int8_t { openai_input, openai_cached, openai_output, openai_reasoning };
constexpr std::array<ScannerNode, 22> openai_nodes{{
    {-1, "", -1},
    {0, "usage", -1},
    {1, "prompt_tokens", openai_input},
    {1, "input_tokens", openai_input},
    {1, "completion_tokens", openai_output},
    {1, "output_tokens", openai_output},
    {1, "prompt_tokens_details", -1},
    {6, "cached_tokens", openai_cached},
    {1, "input_tokens_details", -1},
    {8, "cached_tokens", openai_cached},
    {1, "completion_tokens_details", -1},
    {10, "reasoning_tokens", openai_reasoning},
    {1, "output_tokens_details", -1},
    {12, "reasoning_tokens", openai_reasoning},
    {0, "response", -1},
    {14, "usage", -1},
    {15, "input_tokens", openai_input},
    {15, "output_tokens", openai_output},
    {15, "input_tokens_details", -1},
    {18, "cached_tokens", openai_cached},
    {15, "output_tokens_details", -1},
    {20, "reasoning_tokens", openai_reasoning},
}};
enum AnthropicSlot : std::int8_t {
    anthropic_input,
    anthropic_read,
    anthropic_written,
    anthropic_written_5m,
    anthropic_written_1h,
    anthropic_output
};
constexpr std::array<ScannerNode, 18> anthropic_nodes{{
    {-1, "", -1},
    {0, "usage", -1},
    {1, "input_tokens", anthropic_input},
    {1, "cache_read_input_tokens", anthropic_read},
    {1, "cache_creation_input_tokens", anthropic_written},
    {1, "output_tokens", anthropic_output},
    {1, "cache_creation", -1},
    {6, "ephemeral_5m_input_tokens", anthropic_written_5m},
    {6, "ephemeral_1h_input_tokens", anthropic_written_1h},
    {0, "message", -1},
    {9, "usage", -1},
    {10, "input_tokens", anthropic_input},
    {10, "cache_read_input_tokens", anthropic_read},
    {10, "cache_creation_input_tokens", anthropic_written},
    {10, "output_tokens", anthropic_output},
    {10, "cache_creation", -1},
    {15, "ephemeral_5m_input_tokens", anthropic_written_5m},
    {15, "ephemeral_1h_input_tokens", anthropic_written_1h},
}};
constexpr std::size_t anthropic_root_usage = 1;
enum GeminiSlot : std::int8_t { gemini_prompt, gemini_cached, gemini_tools, gemini_candidates, gemini_thoughts };
constexpr std::array<ScannerNode, 7> gemini_nodes{{
    {-1, "", -1},
    {0, "usageMetadata", -1},
    {1, "promptTokenCount", gemini_prompt},
    {1, "cachedContentTokenCount", gemini_cached},
    {1, "toolUsePromptTokenCount", gemini_tools},
    {1, "candidatesTokenCount", gemini_candidates},
    {1, "thoughtsTokenCount", gemini_thoughts},
}};

std::span<const ScannerNode> nodes_of(MeterDialect dialect) {
    switch (dialect) {
    case MeterDialect::openai:
        return openai_nodes;
    case MeterDialect::anthropic:
        return anthropic_nodes;
    case MeterDialect::gemini:
        break;
    }
    return gemini_nodes;
}

} // namespace

std::optional<MeterDialect> meter_dialect_from_name(std::string_view name) {
    constexpr std::array<std::string_view, 3> names{"openai", "anthropic", "gemini"};
    for (std::size_t index = 0; index < names.size(); index++) {
        if (names[index] == name) {
            return static_cast<MeterDialect>(index);
        }
    }
    return std::nullopt;
}

UsageMeter::UsageMeter(MeterDialect dialect, Framing framing)
    : dialect_(dialect), framing_(framing), scanner_(nodes_of(dialect), dialect == MeterDialect::gemini, *this) {}

void UsageMeter::feed(std::string_view bytes) {
    if (framing_ == Framing::json) {
        scanner_.feed(bytes);
    } else {
        feed_events(bytes);
    }
}

void UsageMeter::feed_events(std::string_view bytes) {
    while (!bytes.empty()) {
        if (after_return_) {
            after_return_ = false;
            if (bytes.front() == '\n') {
                bytes.remove_prefix(1);
                continue;
            }
        }
        if (!in_event_) {
            bytes.remove_prefix(uneventful_size(bytes));
        }
        const std::size_t end = std::min(find_either(bytes, '\n', '\r'), bytes.size());
        feed_line(bytes.substr(0, end));
        if (end < bytes.size()) {
            after_return_ = bytes[end] == '\r';
            end_line();
        }
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
}

// A part of a line. Several data lines of one event are one document.
void UsageMeter::feed_line(std::string_view bytes) {
    in_event_ = in_event_ || !bytes.empty();
    while (!bytes.empty() && is_data_ && line_size_ < data_field.size()) {
        is_data_ = bytes.front() == data_field[line_size_++];
        bytes.remove_prefix(1);
    }
    line_size_ += bytes.empty() ? 0 : 1;
    if (is_data_) {
        scanner_.feed(bytes);
    }
}

void UsageMeter::end_line() {
    if (line_size_ == 0) {
        scanner_.restart(); // an empty line ends the event
        in_event_ = false;
    } else if (is_data_) {
        scanner_.feed("\n");
    }
    line_size_ = 0;
    is_data_ = true;
}

// OpenAI and Gemini tell all of it each time; Anthropic only what is new.
void UsageMeter::object_begins(std::size_t node) {
    const std::string_view name = nodes_of(dialect_)[node].name;
    if (dialect_ != MeterDialect::anthropic && (name == "usage" || name == "usageMetadata")) {
        counts_ = {};
    }
    told_last_ = told_last_ || node == anthropic_root_usage;
}

void UsageMeter::number(std::size_t slot, std::int64_t value) {
    known_ = true;
    counts_[slot] = value;
}

bool UsageMeter::is_whole(bool ended) const {
    switch (dialect_) {
    case MeterDialect::openai:
        return known_; // its streams tell it once, at the end
    case MeterDialect::anthropic:
        return known_ && told_last_;
    case MeterDialect::gemini:
        break;
    }
    return known_ && ended;
}

TokenUsage UsageMeter::usage() const {
    switch (dialect_) {
    case MeterDialect::openai:
        return openai();
    case MeterDialect::anthropic:
        return anthropic();
    case MeterDialect::gemini:
        break;
    }
    return gemini();
}

// Cached tokens are counted in, and so are those of reasoning.
TokenUsage UsageMeter::openai() const {
    TokenUsage usage;
    usage.known = known_;
    usage.cached_input = std::min(counts_[openai_cached], counts_[openai_input]);
    usage.input = counts_[openai_input] - usage.cached_input;
    usage.output = counts_[openai_output];
    usage.reasoning = std::min(counts_[openai_reasoning], usage.output);
    return usage;
}

// Cached tokens are left out.
TokenUsage UsageMeter::anthropic() const {
    TokenUsage usage;
    usage.known = known_;
    usage.input = counts_[anthropic_input];
    usage.cached_input = counts_[anthropic_read];
    usage.cache_write_1h = counts_[anthropic_written_1h];
    usage.cache_write = std::max(counts_[anthropic_written] - usage.cache_write_1h, counts_[anthropic_written_5m]);
    usage.output = counts_[anthropic_output];
    return usage;
}

// Cached tokens are counted in; those of tools and thoughts are left out.
TokenUsage UsageMeter::gemini() const {
    TokenUsage usage;
    usage.known = known_;
    usage.cached_input = std::min(counts_[gemini_cached], counts_[gemini_prompt]);
    usage.input = counts_[gemini_prompt] - usage.cached_input + counts_[gemini_tools];
    usage.reasoning = counts_[gemini_thoughts];
    usage.output = counts_[gemini_candidates] + usage.reasoning;
    return usage;
}

} // namespace api_key
