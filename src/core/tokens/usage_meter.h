// Reads the token usage out of an answer of an AI API as it passes: plain JSON, server-sent events, or Gemini's streamed JSON array, cut
// anywhere. Constant memory, whatever the size of an event. What cannot be read is skipped.
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

// How an answer ended: broken off, with its connection (which may have been broken off too), or where it had said that it would.
enum class AnswerEnd : std::uint8_t { none, with_connection, as_said };

class UsageMeter final : private MemberScanner::Listener {
  public:
    enum class Framing : std::uint8_t { json, events }; // `text/event-stream` is events

    UsageMeter(MeterDialect dialect, Framing framing);
    UsageMeter(const UsageMeter&) = delete;
    UsageMeter& operator=(const UsageMeter&) = delete;

    void feed(std::string_view bytes);

    // So far. Counts that are told again replace those before, as each API means it.
    TokenUsage usage() const;

    // What else the answer has said of its price.
    Service service() const;

    // Is that all there will be, and was every number of it readable? What a stream tells on its way is not the whole truth.
    bool is_whole(AnswerEnd end) const;

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
    bool is_told(unsigned slot) const { return (told_ & 1U << slot) != 0; }
    void count_call(std::string_view item);
    void take_service();
    void begin_anew();
    bool has_told_all_counts() const;
    bool has_told_last(AnswerEnd end) const;

    TokenUsage openai() const;
    TokenUsage anthropic() const;
    TokenUsage gemini() const;

    static constexpr std::size_t max_counts = 10;
    static constexpr std::size_t no_mark = std::string_view::npos;

    MeterDialect dialect_;
    Framing framing_;
    MemberScanner scanner_;
    bool known_ = false;
    bool anew_ = false;            // a usage began that takes the place of the one before
    std::uint32_t told_ = 0;       // by slot
    std::uint32_t unreadable_ = 0; // by slot: what stood there is no count
    std::array<std::int64_t, max_counts> counts_{};

    Service service_; // as documents with a usage say, the calls by the last of them: others may be passed over

    // Of the document with the last usage.
    bool is_closed_ = false;   // the usage itself
    bool is_last_ = false;     // the document, and nothing of it says that the answer goes on
    bool told_last_ = false;   // Anthropic: by the message's last event, or by a plain answer
    bool all_ended_ = false;   // OpenAI's `[DONE]`, the end of Gemini's array
    bool is_in_array_ = false; // of documents

    // Of the document that passes.
    bool has_usage_ = false;
    bool goes_on_ = false;
    Service said_;

    // Of a line of an event stream.
    std::size_t line_size_ = 0; // counted up to the length of the field's name
    bool is_data_ = true;       // so far it reads `data:`
    std::size_t mark_size_ = 0; // of the end's mark, so far; no_mark: it is none
    bool in_event_ = false;     // some of it was read
    bool after_return_ = false; // a line feed now belongs to the line before
};

} // namespace api_key
