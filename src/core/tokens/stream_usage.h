// OpenAI's streams report their usage only on request. We ask for it on the client's behalf, and remove the extra chunk from the answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tokens/usage_meter.h"

namespace api_key {

// Returns the body with `"stream_options":{"include_usage":true}`, every other byte unchanged. `body` is one that read_json_body() accepts;
// nothing if it is not an object.
std::optional<std::string> with_usage_asked(std::string_view body);

// The bytes to pass on after a call, in this order. Valid until the next call.
struct Passing {
    std::string_view buffered;         // of bytes from earlier calls
    std::vector<std::string_view> fed; // views of this call's bytes, as few as possible
};

// Passes an event stream on, event by event, without the chunk that has usage and no choices. An event longer than `max_event_length`
// cannot be that chunk and passes in pieces. Only an incomplete event is copied; it passes when its end arrives.
class UsageChunkRemover {
  public:
    static constexpr std::size_t max_event_length = 16 * 1024;

    // `meter` is fed what may report usage, so that the bytes are searched once.
    const Passing& feed(std::string_view bytes, UsageMeter& meter);
    const Passing& finish(); // the stream ends

  private:
    void begin(std::string_view bytes);
    bool is_in_event() const;
    void end_of_return();
    void check_size();
    void end_event();
    bool ends_usage_chunk();
    void pass();
    void pass_unless_removed();

    Passing passing_;
    std::string released_; // storage of passing_.buffered
    std::string buffered_; // the event so far, up to these bytes …
    std::string_view bytes_;
    std::size_t begin_ = 0; // … and from here
    std::size_t at_ = 0;

    bool passes_ = false;    // this event is too long to be buffered
    bool line_empty_ = true; // so far
    bool removed_ = false;   // the event before was taken out
    bool after_return_ = false;
};

} // namespace api_key
