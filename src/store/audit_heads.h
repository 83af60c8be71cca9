// The newest entry of each security log as far as this process knows, so that changes in flight at the same time chain to each other
// instead of all to the same entry.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/logs/audit.h"

namespace api_key::store {

class AuditHeads {
  public:
    struct Tip {
        AuditLink link;
        std::uint64_t generation = 0; // how often the store had to correct it
    };

    // The entry that the next one of this log follows, those in flight included.
    const Tip& tip(const std::string& log) { return tips_[log]; }

    // Call when an entry is sent: it is the newest one from then on.
    void advance(const std::string& log, AuditLink link);

    // Call when the store refused an entry sent in that generation and answered with the log's head. Of several entries in flight, the
    // first refusal corrects the tip, and the others are then sent again after it.
    void correct(const std::string& log, std::uint64_t generation, AuditLink head);

  private:
    static constexpr std::size_t max_logs = 4096;

    std::unordered_map<std::string, Tip> tips_;
};

AuditHeads& audit_heads();

} // namespace api_key::store
