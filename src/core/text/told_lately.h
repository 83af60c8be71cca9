// Suppresses repeated log messages: a repeated text is logged once, and again only after a minute without it. The number of texts that are
// remembered is bounded.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace api_key {

class ToldLately {
  public:
    static constexpr std::uint64_t kept_ms = 60'000;
    static constexpr std::size_t most = 32; // beyond these, a new text is logged only once one of them is forgotten

    bool is_news(const std::string& text, std::uint64_t now_ms) {
        std::erase_if(told_, [=](const auto& one) { return now_ms - one.second >= kept_ms; });
        if (const auto known = told_.find(text); known != told_.end()) {
            known->second = now_ms;
            return false;
        }
        return told_.size() < most && told_.emplace(text, now_ms).second;
    }

  private:
    std::map<std::string, std::uint64_t> told_; // when each came last
};

} // namespace api_key
