// The usage of keys over time: counters in buckets of a minute, an hour or a day (UTC).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/logs/key_label.h"
#include "core/policy/reason.h"

namespace api_key {

struct UsageCounts {
    std::int64_t requests = 0; // let in
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t cost_micro_credits = 0;
    std::array<std::int64_t, reason_count> refused{}; // by Reason

    void add(const UsageCounts& other);
    bool is_empty() const { return *this == UsageCounts{}; }
    bool operator==(const UsageCounts&) const = default;
};

enum class UsageBucket : std::uint8_t { minute, hour, day };
enum class UsageGroup : std::uint8_t { key, category, model };
enum class UsageOrder : std::uint8_t { requests, credits }; // the most first

std::optional<UsageBucket> usage_bucket_from_name(std::string_view name);
std::optional<UsageGroup> usage_group_from_name(std::string_view name);
std::optional<UsageOrder> usage_order_from_name(std::string_view name);
std::string_view name_of(UsageBucket bucket);
std::string_view name_of(UsageGroup group);

constexpr std::int64_t width_ms(UsageBucket bucket) {
    constexpr std::array<std::int64_t, 3> widths_ms{60'000, 3'600'000, 86'400'000};
    return widths_ms[static_cast<std::size_t>(bucket)];
}
std::int64_t kept_s(UsageBucket bucket); // how long counters are kept: a day, 35 days, 400 days

// Whole buckets, numbered from 1970 on.
struct UsageRange {
    static constexpr std::int64_t max_buckets = 1500;

    UsageBucket bucket = UsageBucket::hour;
    std::int64_t first = 0;
    std::int64_t last = 0; // included

    // The buckets from `from_ms` to `until_ms`; 0 is the default: the last 60 minutes, 24 hours, 30 days. Nothing if these are more than
    // `max_buckets`, or none.
    static std::optional<UsageRange> of(UsageBucket bucket, std::int64_t from_ms, std::int64_t until_ms, std::int64_t now_ms);
    std::size_t size() const { return static_cast<std::size_t>(last - first + 1); }
    std::int64_t begin_ms(std::size_t index) const; // of the bucket at this place
};

// A query of an account's counters.
struct SeriesQuery {
    UsageRange range;
    UsageGroup group = UsageGroup::key;
    std::vector<std::string> only; // these names of the group; empty: any
    UsageOrder order = UsageOrder::requests;
    KeyLabelFilter label;             // of the keys, if they are the group
    std::size_t most = 50;            // number of names, the first in that order
    bool names = false;               // with the names of the keys, if they are the group
    bool every_bucket = false;        // also a point for an empty bucket
    std::shared_ptr<const void> turn; // released with the last copy
};

// The kinds of counters of a name: `n`, `i`, `o`, `c` and the reasons' names, in this order.
inline constexpr std::size_t counter_kinds = 4 + reason_count - 1;
std::optional<std::size_t> counter_kind(std::string_view name);
std::string_view counter_kind_name(std::size_t kind);
std::int64_t& counter_of(UsageCounts& counts, std::size_t kind);

// The field of a stored counter, `quota_exceeded:7`: the kind that it counts, and the name it counts for. Nothing if it is not a counter.
struct CounterField {
    std::size_t kind;
    std::string_view name;
};
std::optional<CounterField> parse_counter_field(std::string_view field);
std::vector<std::pair<std::string_view, std::int64_t>> counters_of(const UsageCounts& counts); // those that are not 0

// Finds the names with most requests, or credits, without keeping their counters of each bucket. Buckets have to be added one after the
// other; the counters of a bucket come in any order, and some of them more than once.
class UsageRanking {
  public:
    struct Ranked {
        std::string name;
        std::int64_t amount = 0;
        std::uint32_t kinds = 0; // bits of the counters that it has in any bucket
    };

    explicit UsageRanking(UsageOrder order = UsageOrder::requests);

    void add(const CounterField& field, std::int64_t number, std::size_t bucket);
    std::size_t size() const { return names_.size(); }

    // The first name that was not returned yet; no counters may be added after the first call.
    std::optional<Ranked> next();

  private:
    struct Seen {
        std::int64_t total() const { return amount + of_bucket; }

        std::int64_t amount = 0;    // of earlier buckets
        std::int64_t of_bucket = 0; // of the bucket in which it was last seen
        std::size_t bucket = 0;
        std::uint32_t kinds = 0;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };
    using Names = std::unordered_map<std::string, Seen, Hash, std::equal_to<>>;

    static bool is_less(const Names::value_type* one, const Names::value_type* other);

    std::size_t kind_; // of the counter that they are ranked by
    Names names_;
    std::optional<std::vector<const Names::value_type*>> heap_;
};

// The series of one name: the sum, and one point for each bucket, written as JSON: `{"at":"…", the members of a count},…`.
struct NamedSeries {
    std::string name; // a key's id, a category, a model
    UsageCounts total;
    std::string points;

    void add_point(std::int64_t at_ms, const UsageCounts& counts);
};

// {"requests":3,"refused":{"quota_exceeded":1},"inputTokens":10,"outputTokens":20,"credits":"0.000030"}
std::string write_counts(const UsageCounts& counts);

// {"bucket":"hour","groupBy":"key","series":[{"keyId":7,"total":{…},"points":[…]}, …]} in pieces; takes the points over.
std::vector<std::string> write_series(std::vector<NamedSeries> series, const UsageRange& range, UsageGroup group);

} // namespace api_key
