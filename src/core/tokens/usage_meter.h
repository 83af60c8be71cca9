// Reads the token usage from an answer of an AI API as it passes: plain JSON, server-sent events, or Gemini's streamed JSON array, cut
// anywhere. Uses constant memory, whatever the size of an event. Skips what it cannot read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/text/member_scanner.h"
#include "core/tokens/token_usage.h"

namespace api_key {

enum class MeterDialect : std::uint8_t { openai = 0, anthropic = 1, gemini = 2 }; // counted by these: Provider of cache/metrics.h

std::optional<MeterDialect> meter_dialect_from_name(std::string_view name);

// How an answer ended: cut off, at the end of its connection (which may be a cut as well), or at its announced end.
enum class AnswerEnd : std::uint8_t { none, at_close, announced };

class UsageMeter final : private MemberScanner::Listener {
  public:
    enum class Framing : std::uint8_t { json, events }; // `text/event-stream` is events

    UsageMeter(MeterDialect dialect, Framing framing);
    UsageMeter(const UsageMeter&) = delete;
    UsageMeter& operator=(const UsageMeter&) = delete;

    void feed(std::string_view bytes);

    // The usage so far. A count that is reported again replaces the earlier one, as each API defines it.
    TokenUsage usage() const;

    // What else the answer reports that affects its price.
    Service service() const;

    // True if the usage is final and every number of it was readable. The counts that a stream reports on its way may be incomplete.
    bool is_final(AnswerEnd end) const;

  private:
    void begins(std::size_t node) override;
    void ends(std::size_t node) override;
    void number(std::size_t node, std::int64_t value) override;
    void text(std::size_t node, std::string_view value) override;
    void null(std::size_t node) override;
    void other(std::size_t node) override;

    void feed_events(std::string_view bytes);
    void feed_line(std::string_view bytes);
    void look_for_end_mark(std::string_view data);
    void end_line();

    int slot_of(std::size_t node) const;
    bool is_usage(std::size_t node) const;
    bool is_reported(unsigned slot) const { return (reported_ & 1U << slot) != 0; }
    void count_call(std::string_view item);
    void take_service();
    void replace_if_new();
    bool has_all_counts() const;
    bool has_ended(AnswerEnd end) const;

    TokenUsage openai() const;
    TokenUsage anthropic() const;
    TokenUsage gemini() const;

    static constexpr std::size_t max_counts = 10;
    static constexpr std::size_t no_mark = std::string_view::npos;

    MeterDialect dialect_;
    Framing framing_;
    MemberScanner scanner_;
    bool known_ = false;
    bool replaces_ = false;        // a new usage began and replaces the one before
    std::uint32_t reported_ = 0;   // by slot
    std::uint32_t unreadable_ = 0; // by slot: the value was not a count
    std::array<std::int64_t, max_counts> counts_{};

    Service service_; // from documents with a usage, the calls from the last of them: other documents may be skipped

    // State of the document with the last usage.
    bool is_closed_ = false;   // the usage object is complete
    bool is_last_ = false;     // the document is complete, and nothing in it says that the answer goes on
    bool has_final_ = false;   // Anthropic: from the message's last event, or from a plain answer
    bool all_ended_ = false;   // OpenAI's `[DONE]`, the end of Gemini's array
    bool is_in_array_ = false; // of documents

    // State of the current document.
    bool has_usage_ = false;
    bool continues_ = false;
    Service current_service_;

    // State of the current line of an event stream.
    std::size_t line_size_ = 0; // counted up to the length of the field's name
    bool is_data_ = true;       // so far it reads `data:`
    std::size_t mark_size_ = 0; // how much of the end mark has matched; no_mark: it is none
    bool in_event_ = false;     // some of it was read
    bool after_return_ = false; // a line feed now belongs to the line before
};

} // namespace api_key
