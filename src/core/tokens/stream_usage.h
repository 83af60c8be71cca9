// OpenAI's streams tell their usage only when asked: asking for it in the client's place, and taking the extra chunk out again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tokens/usage_meter.h"

namespace api_key {

// The body with `"stream_options":{"include_usage":true}`, every other byte as it was. `body` is one that read_json_body() accepts;
// nothing for one that is no object.
std::optional<std::string> with_usage_asked(std::string_view body);

// What passes when bytes are fed, in this order. Good until the next call.
struct Passing {
    std::string_view held;             // of bytes that were fed before
    std::vector<std::string_view> fed; // of these: views of them, as few as there can be
};

// Passes an event stream on, event by event, without the chunk that has usage and no choices. An event above `max_event_length` is none
// such and passes in pieces. Only an event that is not whole yet is copied; what is held passes with bytes that end it.
class UsageChunkRemover {
  public:
    static constexpr std::size_t max_event_length = 16 * 1024;

    // `meter` gets what may tell of usage, so that the bytes are searched once.
    const Passing& feed(std::string_view bytes, UsageMeter& meter);
    const Passing& finish(); // the stream ends

  private:
    void begin(std::string_view bytes);
    bool is_in_event() const;
    void end_of_return();
    void look_at_size();
    void end_event();
    bool ends_usage_chunk();
    void pass();
    void pass_unless_removed();

    Passing passing_;
    std::string released_; // what passing_.held shows
    std::string held_;     // the event so far, up to these bytes …
    std::string_view bytes_;
    std::size_t begin_ = 0; // … and from here
    std::size_t at_ = 0;

    bool passes_ = false;    // this event is too long to be held
    bool line_empty_ = true; // so far
    bool removed_ = false;   // the event before was taken out
    bool after_return_ = false;
};

} // namespace api_key
