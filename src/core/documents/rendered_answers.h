// Bodies of refusals that were written before: clients that are refused try again, and get the same words.
#pragma once

#include <string>
#include <unordered_map>

#include "core/documents/answer.h"

namespace api_key {

class RenderedAnswers {
  public:
    // The same as render(). The text is valid until the next call.
    const std::string& body(ErrorFormat format, const Answer& answer);

  private:
    static constexpr std::size_t most = 256;

    void write_name(ErrorFormat format, const Answer& answer);

    std::string name_; // of an answer: all that its body is made of
    std::string unique_;
    std::unordered_map<std::string, std::string> rendered_;
};

} // namespace api_key
