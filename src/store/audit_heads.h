// The last entries of the security logs as this process knows them, so that changes that are on their way at once follow one another
// instead of all following the same one.
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

    // What the next entry of this log follows, by what is on its way.
    const Tip& tip(const std::string& log) { return tips_[log]; }

    // An entry is sent that makes this the last one.
    void advance(const std::string& log, AuditLink link);

    // The store refused an entry that was sent in that generation, and says what its last one is. Of several that followed one which was
    // refused, the first corrects the tip, and the others follow it.
    void correct(const std::string& log, std::uint64_t generation, AuditLink head);

  private:
    static constexpr std::size_t most = 4096;

    std::unordered_map<std::string, Tip> tips_;
};

AuditHeads& audit_heads();

} // namespace api_key::store
