// What keys were used for, over time: counters in buckets of a minute, an hour or a day (UTC).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/reason.h"

namespace api_key {

struct UsageCounts {
    std::int64_t requests = 0; // let in
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t cost_micro_credits = 0;
    std::array<std::int64_t, reason_count> refused{}; // by Reason

    void add(const UsageCounts& other);
    bool operator==(const UsageCounts&) const = default;
};

enum class UsageBucket : std::uint8_t { minute, hour, day };
enum class UsageGroup : std::uint8_t { key, category, model };

std::optional<UsageBucket> usage_bucket_from_name(std::string_view name);
std::optional<UsageGroup> usage_group_from_name(std::string_view name);
std::string_view name_of(UsageBucket bucket);
std::string_view name_of(UsageGroup group);

std::int64_t width_ms(UsageBucket bucket);
std::int64_t kept_s(UsageBucket bucket); // counters are kept for so long: a day, 35 days, 400 days

// Whole buckets, numbered from 1970 on.
struct UsageRange {
    static constexpr std::int64_t most = 1500;

    UsageBucket bucket = UsageBucket::hour;
    std::int64_t first = 0;
    std::int64_t last = 0; // included

    // From, to and what lies between; 0 is the default: the last 60 minutes, 24 hours, 30 days. Nothing when that are more than `most`, or
    // none.
    static std::optional<UsageRange> of(UsageBucket bucket, std::int64_t from_ms, std::int64_t until_ms, std::int64_t now_ms);
    std::size_t size() const { return static_cast<std::size_t>(last - first + 1); }
};

// Of each name (a key's id, a category, a model) one count for each bucket of the range.
using UsageSeries = std::map<std::string, std::vector<UsageCounts>>;

// The fields of a stored counter: `n:7`, `quota_exceeded:7`. A field that is none is left out.
void read_counter(std::string_view field, std::int64_t number, UsageSeries& series, std::size_t bucket, std::size_t buckets);
std::vector<std::pair<std::string, std::int64_t>> counter_fields(std::string_view name, const UsageCounts& counts);
std::vector<std::string> counter_names(std::string_view name); // all that counter_fields() may have

// {"requests":3,"refused":{"quota_exceeded":1},"inputTokens":10,"outputTokens":20,"credits":"0.000030"}
Json counts_object(const UsageCounts& counts);

// [{"at":"…", the members of a count}, …], every bucket of the range
Json points_array(const std::vector<UsageCounts>& counts, const UsageRange& range);

// {"bucket":"hour","groupBy":"key","series":[{"keyId":7,"total":{…},"points":[…]}, …]}, most requests first,
// at most so many
Json series_object(const UsageSeries& series, const UsageRange& range, UsageGroup group, std::optional<std::size_t> most = {});

} // namespace api_key
