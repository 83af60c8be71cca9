#include "core/tokens/usage_meter.h"

#include <algorithm>
#include <utility>

#include "core/text/event_stream.h"

namespace api_key {

namespace {

constexpr std::string_view data_field = "data:";
constexpr std::string_view end_mark = "[DONE]"; // OpenAI's

// Slots: first the counts, then what tells whether an event is the last.
enum Slot : std::int8_t {
    none = -1,
    input,
    cached,
    written,
    written_5m,
    written_1h,
    output,
    reasoning,
    of_tools,
    total,
    web_searches,
    count_slots,
    detail = count_slots, // an object in a usage
    some_usage,
    last_usage, // Anthropic's usage, of the last event or of a plain answer
    choice,
    stop_reason,
    finish_reason,
    tier,
    speed,
    region,
    item_type,
};
using enum ScannedKind;

// Chat completions (prompt, completion), embeddings, Responses (input, output; streamed inside `response`).
constexpr auto openai_nodes = with_parents<34>({{
    {0, "", object, none},
    {1, "usage", object, some_usage},
    {2, "prompt_tokens", number, input},
    {2, "input_tokens", number, input},
    {2, "completion_tokens", number, output},
    {2, "output_tokens", number, output},
    {2, "total_tokens", number, total},
    {2, "prompt_tokens_details", object, detail},
    {3, "cached_tokens", number, cached},
    {2, "input_tokens_details", object, detail},
    {3, "cached_tokens", number, cached},
    {2, "completion_tokens_details", object, detail},
    {3, "reasoning_tokens", number, reasoning},
    {2, "output_tokens_details", object, detail},
    {3, "reasoning_tokens", number, reasoning},
    {1, "service_tier", text, tier},
    {1, "choices", list, none},
    {2, "", object, choice},
    {1, "output", list, none},
    {2, "", object, none},
    {3, "type", text, item_type},
    {1, "response", object, none},
    {2, "service_tier", text, tier},
    {2, "output", list, none},
    {3, "", object, none},
    {4, "type", text, item_type},
    {2, "usage", object, some_usage},
    {3, "input_tokens", number, input},
    {3, "output_tokens", number, output},
    {3, "total_tokens", number, total},
    {3, "input_tokens_details", object, detail},
    {4, "cached_tokens", number, cached},
    {3, "output_tokens_details", object, detail},
    {4, "reasoning_tokens", number, reasoning},
}});
constexpr auto anthropic_nodes = with_parents<30>({{
    {0, "", object, none},
    {1, "usage", object, last_usage},
    {2, "input_tokens", number, input},
    {2, "cache_read_input_tokens", number, cached},
    {2, "cache_creation_input_tokens", number, written},
    {2, "output_tokens", number, output},
    {2, "cache_creation", object, detail},
    {3, "ephemeral_5m_input_tokens", number, written_5m},
    {3, "ephemeral_1h_input_tokens", number, written_1h},
    {2, "service_tier", text, tier},
    {2, "speed", text, speed},
    {2, "inference_geo", text, region},
    {2, "server_tool_use", object, detail},
    {3, "web_search_requests", number, web_searches},
    {1, "delta", object, none},
    {2, "stop_reason", text, stop_reason},
    {1, "message", object, none},
    {2, "usage", object, some_usage},
    {3, "input_tokens", number, input},
    {3, "cache_read_input_tokens", number, cached},
    {3, "cache_creation_input_tokens", number, written},
    {3, "output_tokens", number, output},
    {3, "cache_creation", object, detail},
    {4, "ephemeral_5m_input_tokens", number, written_5m},
    {4, "ephemeral_1h_input_tokens", number, written_1h},
    {3, "service_tier", text, tier},
    {3, "speed", text, speed},
    {3, "inference_geo", text, region},
    {3, "server_tool_use", object, detail},
    {4, "web_search_requests", number, web_searches},
}});
constexpr auto gemini_nodes = with_parents<13>({{
    {0, "", object, none},
    {1, "usageMetadata", object, some_usage},
    {2, "promptTokenCount", number, input},
    {2, "cachedContentTokenCount", number, cached},
    {2, "toolUsePromptTokenCount", number, of_tools},
    {2, "candidatesTokenCount", number, output},
    {2, "thoughtsTokenCount", number, reasoning},
    {2, "totalTokenCount", number, total},
    {2, "trafficType", text, tier},
    {2, "serviceTier", text, tier},
    {1, "candidates", list, none},
    {2, "", object, choice},
    {3, "finishReason", text, finish_reason},
}});

std::span<const ScannerNode> nodes_of(MeterDialect dialect) {
    constexpr std::array<std::span<const ScannerNode>, 3> by_dialect{openai_nodes, anthropic_nodes, gemini_nodes};
    return by_dialect[static_cast<std::size_t>(dialect)];
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
    : dialect_(dialect), framing_(framing), scanner_(nodes_of(dialect), dialect == MeterDialect::gemini, *this) {
    static_assert(max_counts == count_slots);
}

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

// Feeds a part of a line. Several data lines of one event are one document.
void UsageMeter::feed_line(std::string_view bytes) {
    in_event_ = in_event_ || !bytes.empty();
    while (!bytes.empty() && is_data_ && line_size_ < data_field.size()) {
        is_data_ = bytes.front() == data_field[line_size_++];
        bytes.remove_prefix(1);
    }
    line_size_ += bytes.empty() ? 0 : 1;
    if (is_data_) {
        look_for_end_mark(bytes);
        scanner_.feed(bytes);
    }
}

void UsageMeter::look_for_end_mark(std::string_view data) {
    for (const char c : data) {
        if (mark_size_ >= end_mark.size()) {
            return;
        }
        if (c != ' ' || mark_size_ != 0) {
            mark_size_ = c == end_mark[mark_size_] ? mark_size_ + 1 : no_mark;
            all_ended_ = all_ended_ || mark_size_ == end_mark.size();
        }
    }
}

void UsageMeter::end_line() {
    if (line_size_ == 0) {
        scanner_.restart(); // an empty line ends the event
        in_event_ = false;
    } else if (is_data_) {
        scanner_.feed("\n");
    }
    line_size_ = mark_size_ = 0;
    is_data_ = true;
}

// The node that stands for the array of documents has no slot.
int UsageMeter::slot_of(std::size_t node) const {
    const std::span<const ScannerNode> nodes = nodes_of(dialect_);
    return node < nodes.size() ? nodes[node].slot : int{none};
}

bool UsageMeter::is_usage(std::size_t node) const {
    return slot_of(node) == some_usage || slot_of(node) == last_usage;
}

void UsageMeter::begins(std::size_t node) {
    const int slot = slot_of(node);
    if (node == 0) {
        has_usage_ = continues_ = false;
        current_service_ = {};
    } else if (slot == choice) {
        continues_ = true;
    } else if (is_usage(node)) {
        replaces_ = dialect_ != MeterDialect::anthropic;
        is_closed_ = is_last_ = false;
    } else if (node == nodes_of(dialect_).size()) {
        is_in_array_ = true;
    }
}

void UsageMeter::ends(std::size_t node) {
    if (is_usage(node)) {
        is_closed_ = has_usage_ = true;
        has_final_ = has_final_ || slot_of(node) == last_usage;
    } else if (node == 0 && has_usage_) {
        is_last_ = !continues_;
        take_service();
    } else if (node == nodes_of(dialect_).size()) {
        all_ended_ = true;
    }
}

void UsageMeter::take_service() {
    for (const auto word : {&Service::tier, &Service::speed, &Service::region}) {
        if ((current_service_.*word).size != 0) {
            service_.*word = current_service_.*word;
        }
    }
    service_.calls = current_service_.calls;
}

// OpenAI and Gemini repeat the whole usage each time, Anthropic only what is new.
void UsageMeter::replace_if_new() {
    if (std::exchange(replaces_, false)) {
        counts_ = {};
        reported_ = unreadable_ = 0;
    }
}

void UsageMeter::number(std::size_t node, std::int64_t value) {
    const int index = slot_of(node);
    if (index < 0) {
        return;
    }
    replace_if_new();
    const auto slot = static_cast<unsigned>(index);
    known_ = known_ || slot != total;
    counts_[slot] = value;
    reported_ |= 1U << slot;
    unreadable_ &= ~(1U << slot);
}

void UsageMeter::text(std::size_t node, std::string_view value) {
    switch (slot_of(node)) {
    case finish_reason:
        continues_ = false;
        break;
    case tier:
        current_service_.tier.set(value);
        break;
    case speed:
        current_service_.speed.set(value);
        break;
    case region:
        current_service_.region.set(value);
        break;
    case item_type:
        count_call(value);
        break;
    default:
        break;
    }
}

void UsageMeter::count_call(std::string_view item) {
    current_service_.calls.web_searches += item == "web_search_call" ? 1 : 0;
    current_service_.calls.file_searches += item == "file_search_call" ? 1 : 0;
    current_service_.calls.code_sessions += item == "code_interpreter_call" ? 1 : 0;
}

void UsageMeter::null(std::size_t node) {
    continues_ = continues_ || slot_of(node) == stop_reason;
}

void UsageMeter::other(std::size_t node) {
    const int slot = slot_of(node);
    if (slot >= 0 && slot <= last_usage) {
        replace_if_new();
        unreadable_ |= 1U << static_cast<unsigned>(slot);
    }
}

bool UsageMeter::is_final(AnswerEnd end) const {
    return is_closed_ && unreadable_ == 0 && has_all_counts() && has_ended(end);
}

// A total makes up for an output count that is missing.
bool UsageMeter::has_all_counts() const {
    const bool by_sum = dialect_ != MeterDialect::anthropic && is_reported(total);
    return is_reported(input) && (is_reported(output) || by_sum || (dialect_ == MeterDialect::gemini && is_reported(reasoning)));
}

bool UsageMeter::has_ended(AnswerEnd end) const {
    if (framing_ == Framing::json) {
        return is_in_array_ ? all_ended_ : dialect_ != MeterDialect::anthropic || has_final_;
    }
    switch (dialect_) {
    case MeterDialect::openai:
        return is_last_ || all_ended_ || end == AnswerEnd::announced;
    case MeterDialect::anthropic:
        return has_final_ && (is_last_ || end == AnswerEnd::announced);
    case MeterDialect::gemini:
        break;
    }
    return end == AnswerEnd::announced || (end == AnswerEnd::at_close && is_last_);
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

Service UsageMeter::service() const {
    Service service = service_;
    service.calls.web_searches = std::max(service.calls.web_searches, counts_[web_searches]);
    return service;
}

// The input includes cached tokens. The output includes reasoning tokens, except for vendors where the total, or a reasoning count above
// the output, shows otherwise.
TokenUsage UsageMeter::openai() const {
    TokenUsage usage;
    usage.known = known_;
    usage.cached_input = std::min(counts_[cached], counts_[input]);
    usage.input = counts_[input] - usage.cached_input;
    const std::int64_t beside = counts_[reasoning] > counts_[output] ? counts_[reasoning] : 0;
    usage.output = std::max(counts_[output] + beside, is_reported(input) ? counts_[total] - counts_[input] : 0);
    usage.reasoning = std::min(counts_[reasoning], usage.output);
    return usage;
}

// The input does not include cached tokens.
TokenUsage UsageMeter::anthropic() const {
    TokenUsage usage;
    usage.known = known_;
    usage.input = counts_[input];
    usage.cached_input = counts_[cached];
    usage.cache_write_1h = counts_[written_1h];
    usage.cache_write = std::max(counts_[written] - usage.cache_write_1h, counts_[written_5m]);
    usage.output = counts_[output];
    return usage;
}

// The input includes cached tokens but not those of tools; the output does not include thoughts.
TokenUsage UsageMeter::gemini() const {
    TokenUsage usage;
    usage.known = known_;
    usage.cached_input = std::min(counts_[cached], counts_[input]);
    usage.input = counts_[input] - usage.cached_input + counts_[of_tools];
    usage.reasoning = counts_[reasoning];
    usage.output =
        std::max(counts_[output] + usage.reasoning, is_reported(input) ? counts_[total] - counts_[input] - counts_[of_tools] : 0);
    return usage;
}

} // namespace api_key
