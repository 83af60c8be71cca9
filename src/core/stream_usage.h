// OpenAI's streams tell their usage only when asked: asking for it in the client's place, and taking the extra chunk out again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/usage_meter.h"

namespace api_key {

// The body with `"stream_options":{"include_usage":true}`, every other byte as it was. `body` is one that read_json_body() accepts. Nothing
// when that cannot be put in (a name spelled with escapes).
std::optional<std::string> with_usage_asked(std::string_view body);

// Passes an event stream on, event by event, without the chunk that has usage and no choices. An event above `longest_event` is none such
// and passes in pieces.
class UsageChunkRemover {
  public:
    static constexpr std::size_t longest_event = 16 * 1024;

    // Appends what passes; `meter` gets what may tell of usage, so that the bytes are searched once.
    void feed(std::string_view bytes, UsageMeter& meter, std::string& out);
    void finish(std::string& out); // the stream ends

  private:
    void keep(std::string_view bytes, std::string& out);
    void end_event(std::string& out);

    std::string held_;       // the event so far
    bool passes_ = false;    // this event is too long to be held
    bool line_empty_ = true; // so far
    bool removed_ = false;   // the event before was taken out
    bool after_return_ = false;
};

} // namespace api_key
