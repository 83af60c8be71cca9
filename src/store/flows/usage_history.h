// The usage of a key before a quota was set, from the usage counters, so that the new quota's windows include it. It is read before the
// change is sent; the script refuses the change as `changed` when more was reported meanwhile.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/logs/usage_series.h"
#include "core/policy/record.h"
#include "store/command.h"
#include "store/keyspace.h"

namespace api_key::store {

class UsageHistory {
  public:
    // Finds out which history the change from `before` to `after` needs at the store's time `now_ms`.
    UsageHistory(const Keyspace& keyspace, const KeyRecord& before, const KeyRecord& after, std::int64_t now_ms);

    bool is_needed() const { return counts_total_ || counts_days_ || counts_hours_; }

    std::vector<Command> ask() const;
    void take(std::span<const Reply> replies);

    // For the script: the counter that grows with every report, its value when it was read, the number of all requests, and `bucket
    // requests …` of the ring of days and of the ring of hours. Where nothing is needed, the counter is the epoch and the rest is empty.
    std::string guard() const { return is_needed() ? counter(UsageBucket::day, today()) : keyspace_.epoch(); }
    const std::string& counted_today() const { return guarded_; }
    const std::string& total() const { return total_; }
    const std::string& days() const { return days_; }
    const std::string& hours() const { return hours_; }

  private:
    std::int64_t today() const;
    std::string counter(UsageBucket bucket, std::int64_t number) const;
    void ask_range(std::vector<Command>& commands, UsageBucket bucket, std::int64_t kept) const;

    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::string field_;
    std::int64_t now_ms_;
    bool counts_total_;
    bool counts_days_;
    bool counts_hours_;
    std::string guarded_;
    std::string total_;
    std::string days_;
    std::string hours_;
};

} // namespace api_key::store
