// Suppresses repeated log messages: a repeated text is logged once, and again only after a minute without it. The number of texts that are
// remembered is bounded.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace api_key {

class RecentlyLogged {
  public:
    static constexpr std::uint64_t kept_ms = 60'000;
    static constexpr std::size_t max_texts = 32; // beyond these, a new text is logged only once one of them is forgotten

    bool is_new(const std::string& text, std::uint64_t now_ms) {
        std::erase_if(logged_, [=](const auto& one) { return now_ms - one.second >= kept_ms; });
        if (const auto known = logged_.find(text); known != logged_.end()) {
            known->second = now_ms;
            return false;
        }
        return logged_.size() < max_texts && logged_.emplace(text, now_ms).second;
    }

  private:
    std::map<std::string, std::uint64_t> logged_; // when each came last
};

} // namespace api_key
