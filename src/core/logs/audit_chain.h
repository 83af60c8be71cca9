// Follows a security log entry by entry, and says where it is not what was written.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/logs/audit.h"

namespace api_key {

// Entries one after the other whose signatures do not hold. A later entry may have noted them: they stay as they were then.
struct AuditGap {
    AuditLink before;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string digest;         // of all that stands in it, in hex
    std::uint64_t noted_by = 0; // number of the entry; 0: none
};

class AuditChain {
  public:
    static constexpr const char* repair_action = "audit.repair";

    // The log's entries after number `from`. `anchor` is the text of a head that it once had, or empty.
    AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor);

    // An entry that is not verified, as that before it is not followed.
    void take_as_given(const AuditLink& entry);

    // False once it is of no use to go on: an entry is missing, or too many have been altered.
    bool follow(const AuditLink& link, std::string_view entry);

    // After the last entry there is, or the one that was refused. `head` is what the log said of itself before: entries may have come
    // since.
    void end(const AuditLink& head);

    const AuditLink& last() const { return last_; }         // the last good entry
    const std::string& problem() const { return problem_; } // empty: none
    const std::vector<AuditGap>& gaps() const { return gaps_; }
    bool can_be_noted() const { return can_be_noted_; } // nothing is wrong but for gaps that no entry has noted

  private:
    void widen_gap(const AuditLink& link, std::string_view entry);
    void read_note(const AuditLink& link, std::string_view entry);

    const Peppers& peppers_;
    std::uint64_t account_;
    std::uint64_t given_ = 0;
    AuditLink last_;
    std::string anchor_;
    bool anchored_;
    bool can_be_noted_ = false;
    std::vector<AuditGap> gaps_;
    std::string problem_;
};

// {"entries":[{"first":89,"last":90,"digest":"…"}]}: what an entry that notes these gaps says.
Json note_of_gaps(std::span<const AuditGap> gaps);

// Of the gaps that an entry has noted: [{"first":89,"last":90,"by":95}]; null when there are none.
Json noted_gaps(std::span<const AuditGap> gaps);

std::string head_text(const AuditLink& head); // `12:1:0a1b…`

// Of an entry that says which others were taken out of its log: the last of these. Number 0 when the entry says something else.
AuditLink trimmed_by(std::string_view entry);

} // namespace api_key
