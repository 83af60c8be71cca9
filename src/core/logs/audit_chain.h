// Verifies a security log entry by entry, and reports where it was altered.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/logs/audit.h"

namespace api_key {

// Consecutive entries whose signatures do not verify. A later entry may note them: its digest shows that they have not changed since.
struct AuditGap {
    AuditLink before;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string digest;         // of all its entries, in hex
    std::uint64_t noted_by = 0; // number of the entry; 0: none
};

class AuditChain {
  public:
    static constexpr const char* repair_action = "audit.repair";

    // Verifies the entries after number `from`. `anchor` is the text of an earlier head of the log, or empty.
    AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor);

    // Accepts an entry without verifying it, because the entry before it was not passed to follow().
    void trust(const AuditLink& entry);

    // False when there is no point in going on: an entry is missing, or too many have been altered.
    bool follow(const AuditLink& link, std::string_view entry);

    // To be called after the last entry, or after the one that was refused. `head` is the log's head as read before the entries: more may
    // have been added since.
    void end(const AuditLink& head);

    const AuditLink& last() const { return last_; }         // the last good entry
    const std::string& problem() const { return problem_; } // empty: none
    const std::vector<AuditGap>& gaps() const { return gaps_; }
    bool can_be_noted() const { return can_be_noted_; } // the only problem is gaps that no entry has noted

  private:
    void widen_gap(const AuditLink& link, std::string_view entry);
    void read_note(const AuditLink& link, std::string_view entry);

    const Peppers& peppers_;
    std::uint64_t account_;
    std::uint64_t trusted_ = 0;
    AuditLink last_;
    std::string anchor_;
    bool anchored_;
    bool can_be_noted_ = false;
    std::vector<AuditGap> gaps_;
    std::string problem_;
};

// {"entries":[{"first":89,"last":90,"digest":"…"}]}: the content of an entry that notes these gaps.
Json note_of_gaps(std::span<const AuditGap> gaps);

// The gaps that an entry has noted: [{"first":89,"last":90,"by":95}]; null when there are none.
Json noted_gaps(std::span<const AuditGap> gaps);

std::string head_text(const AuditLink& head); // `12:1:0a1b…`

// The last of the entries that were trimmed off the log, if `entry` records such a trim; number 0 for any other entry.
AuditLink trimmed_by(std::string_view entry);

} // namespace api_key
