// Caches rendered bodies of refusals: refused clients retry, and get the same body.
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
    static constexpr std::size_t max_bodies = 256;

    void write_name(ErrorFormat format, const Answer& answer);

    std::string name_; // of an answer: everything that its body depends on
    std::string unique_;
    std::unordered_map<std::string, std::string> rendered_;
};

} // namespace api_key
