// Follows a security log entry by entry, and says where it is not what was written.
#pragma once

#include <string>
#include <string_view>

#include "core/audit.h"

namespace api_key {

class AuditChain {
  public:
    // The log's entries after number `from`. `anchor` is the text of a head that it once had, or empty.
    AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor);

    // An entry that is not verified, as that before it is not followed.
    void take_as_given(const AuditLink& entry);

    // False once the chain is broken.
    bool follow(const AuditLink& link, std::string_view entry);

    // After the last entry there is. `head` is what the log said of itself before: entries may have come since.
    void end(const AuditLink& head);

    const AuditLink& last() const { return last_; }         // the last good entry
    const std::string& problem() const { return problem_; } // empty: none

  private:
    const Peppers& peppers_;
    std::uint64_t account_;
    AuditLink last_;
    std::string anchor_;
    bool anchored_;
    std::string problem_;
};

std::string head_text(const AuditLink& head); // `12:1:0a1b…`

// Of an entry that says which others were taken out of its log: the last of these. Number 0 when the entry says something else.
AuditLink trimmed_by(std::string_view entry);

} // namespace api_key
