// Reads the token usage out of an answer of an AI API as it passes: plain JSON, server-sent events, or Gemini's streamed JSON array, cut
// anywhere. Constant memory, whatever the size of an event. What cannot be read is skipped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/number_scanner.h"
#include "core/token_usage.h"

namespace api_key {

enum class MeterDialect : std::uint8_t { openai, anthropic, gemini };

std::optional<MeterDialect> meter_dialect_from_name(std::string_view name);

class UsageMeter final : private NumberScanner::Listener {
  public:
    enum class Framing : std::uint8_t { json, events }; // `text/event-stream` is events

    UsageMeter(MeterDialect dialect, Framing framing);
    UsageMeter(const UsageMeter&) = delete;
    UsageMeter& operator=(const UsageMeter&) = delete;

    void feed(std::string_view bytes);

    // So far. Counts that are told again replace those before, as each API means it.
    TokenUsage usage() const;

    // Is that all there will be? `ended`: the answer came to its own end. Where a stream was cut off, what it told on its way is not the
    // whole truth.
    bool is_whole(bool ended) const;

  private:
    static constexpr std::size_t most_slots = 6;

    void object_begins(std::size_t node) override;
    void number(std::size_t slot, std::int64_t value) override;

    void feed_events(std::string_view bytes);
    void feed_line(std::string_view bytes);
    void end_line();

    TokenUsage openai() const;
    TokenUsage anthropic() const;
    TokenUsage gemini() const;

    MeterDialect dialect_;
    Framing framing_;
    NumberScanner scanner_;
    bool known_ = false;
    bool told_last_ = false; // Anthropic: by the message's last event, or by a plain answer
    std::array<std::int64_t, most_slots> counts_{};

    // Of a line of an event stream.
    std::size_t line_size_ = 0; // counted up to the length of the field's name
    bool is_data_ = true;       // so far it reads `data:`
    bool in_event_ = false;     // some of it was read
    bool after_return_ = false; // a line feed now belongs to the line before
};

} // namespace api_key
