#include "core/logs/usage_series.h"

#include <algorithm>

#include "core/text/json.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

constexpr std::array<std::string_view, 3> bucket_names{"minute", "hour", "day"};
constexpr std::array<std::string_view, 3> group_names{"key", "category", "model"};
constexpr std::array<std::string_view, 2> order_names{"requests", "credits"};
constexpr std::array<std::int64_t, 3> days_kept{1, 35, 400};
constexpr std::array<std::int64_t, 3> default_sizes{60, 24, 30};

template <class Enum, std::size_t size>
std::optional<Enum> from_name(const std::array<std::string_view, size>& names, std::string_view name) {
    const auto* found = std::find(names.begin(), names.end(), name);
    return found != names.end() ? std::optional(static_cast<Enum>(found - names.begin())) : std::nullopt;
}

constexpr std::array<std::string_view, 4> kind_names{"n", "i", "o", "c"};

std::string write_name(UsageGroup group, const std::string& name) {
    return group == UsageGroup::key ? "\"keyId\":" + name : '"' + std::string(name_of(group)) + "\":" + dump(json_text(name));
}

// The members of a count, without braces.
std::string write_members(const UsageCounts& counts) {
    std::string refused;
    for (std::size_t index = 1; index < reason_count; index++) {
        if (counts.refused[index] != 0) {
            refused += (refused.empty() ? "\"" : ",\"") + std::string(info(static_cast<Reason>(index)).name) +
                       "\":" + std::to_string(counts.refused[index]);
        }
    }
    return "\"requests\":" + std::to_string(counts.requests) + ",\"refused\":{" + refused +
           "},\"inputTokens\":" + std::to_string(counts.input_tokens) + ",\"outputTokens\":" + std::to_string(counts.output_tokens) +
           ",\"credits\":\"" + format_micro_credits(counts.cost_micro_credits) + '"';
}

} // namespace

void UsageCounts::add(const UsageCounts& other) {
    requests += other.requests;
    input_tokens += other.input_tokens;
    output_tokens += other.output_tokens;
    cost_micro_credits += other.cost_micro_credits;
    for (std::size_t index = 0; index < refused.size(); index++) {
        refused[index] += other.refused[index];
    }
}

std::optional<UsageBucket> usage_bucket_from_name(std::string_view name) {
    return from_name<UsageBucket>(bucket_names, name);
}

std::optional<UsageGroup> usage_group_from_name(std::string_view name) {
    return from_name<UsageGroup>(group_names, name);
}

std::optional<UsageOrder> usage_order_from_name(std::string_view name) {
    return from_name<UsageOrder>(order_names, name);
}

std::string_view name_of(UsageBucket bucket) {
    return bucket_names[static_cast<std::size_t>(bucket)];
}

std::string_view name_of(UsageGroup group) {
    return group_names[static_cast<std::size_t>(group)];
}

std::int64_t kept_s(UsageBucket bucket) {
    return days_kept[static_cast<std::size_t>(bucket)] * 86'400;
}

std::optional<UsageRange> UsageRange::of(UsageBucket bucket, std::int64_t from_ms, std::int64_t until_ms, std::int64_t now_ms) {
    UsageRange range;
    range.bucket = bucket;
    const std::int64_t width = width_ms(bucket);
    range.last = until_ms != 0 ? (until_ms - 1) / width : now_ms / width;
    range.first = from_ms != 0 ? from_ms / width : range.last - default_sizes[static_cast<std::size_t>(bucket)] + 1;
    const bool is_good = range.first >= 0 && range.first <= range.last && range.last - range.first < max_buckets;
    return is_good ? std::optional(range) : std::nullopt;
}

std::int64_t UsageRange::begin_ms(std::size_t index) const {
    return (first + static_cast<std::int64_t>(index)) * width_ms(bucket);
}

std::optional<std::size_t> counter_kind(std::string_view name) {
    const auto* found = std::find(kind_names.begin(), kind_names.end(), name);
    if (found != kind_names.end()) {
        return static_cast<std::size_t>(found - kind_names.begin());
    }
    const std::optional<Reason> reason = reason_from_name(name);
    return reason ? std::optional(kind_names.size() + static_cast<std::size_t>(*reason) - 1) : std::nullopt;
}

std::string_view counter_kind_name(std::size_t kind) {
    return kind < kind_names.size() ? kind_names[kind] : info(static_cast<Reason>(kind - kind_names.size() + 1)).name;
}

std::int64_t& counter_of(UsageCounts& counts, std::size_t kind) {
    switch (kind) {
    case 0:
        return counts.requests;
    case 1:
        return counts.input_tokens;
    case 2:
        return counts.output_tokens;
    case 3:
        return counts.cost_micro_credits;
    default:
        return counts.refused[kind - kind_names.size() + 1];
    }
}

std::optional<CounterField> parse_counter_field(std::string_view field) {
    const std::size_t colon = field.find(':');
    const std::optional<std::size_t> kind = colon != std::string_view::npos ? counter_kind(field.substr(0, colon)) : std::nullopt;
    return kind ? std::optional(CounterField{*kind, field.substr(colon + 1)}) : std::nullopt;
}

std::vector<std::pair<std::string_view, std::int64_t>> counters_of(const UsageCounts& counts) {
    std::vector<std::pair<std::string_view, std::int64_t>> counters;
    UsageCounts all = counts;
    for (std::size_t kind = 0; kind < counter_kinds; kind++) {
        if (const std::int64_t number = counter_of(all, kind); number != 0) {
            counters.emplace_back(counter_kind_name(kind), number);
        }
    }
    return counters;
}

UsageRanking::UsageRanking(UsageOrder order) : kind_(*counter_kind(order == UsageOrder::credits ? "c" : "n")) {}

void UsageRanking::add(const CounterField& field, std::int64_t number, std::size_t bucket) {
    auto found = names_.find(field.name);
    if (found == names_.end()) {
        found = names_.emplace(field.name, Seen{0, 0, bucket, 0}).first;
    }
    Seen& seen = found->second;
    if (seen.bucket != bucket) {
        seen.amount += seen.of_bucket;
        seen.of_bucket = 0;
        seen.bucket = bucket;
    }
    seen.kinds |= std::uint32_t{1} << field.kind;
    if (field.kind == kind_) {
        seen.of_bucket = number;
    }
}

bool UsageRanking::is_less(const Names::value_type* one, const Names::value_type* other) {
    const std::int64_t mine = one->second.total();
    const std::int64_t others = other->second.total();
    return mine != others ? mine < others : one->first > other->first;
}

// A heap, because sorting many names takes too long for one turn of an event loop.
std::optional<UsageRanking::Ranked> UsageRanking::next() {
    if (!heap_) {
        heap_.emplace();
        heap_->reserve(names_.size());
        for (const Names::value_type& one : names_) {
            heap_->push_back(&one);
        }
        std::make_heap(heap_->begin(), heap_->end(), is_less);
    }
    if (heap_->empty()) {
        return std::nullopt;
    }
    std::pop_heap(heap_->begin(), heap_->end(), is_less);
    const Names::value_type& first = *heap_->back();
    heap_->pop_back();
    return Ranked{first.first, first.second.total(), first.second.kinds};
}

void NamedSeries::add_point(std::int64_t at_ms, const UsageCounts& counts) {
    total.add(counts);
    points += (points.empty() ? "{\"at\":\"" : ",{\"at\":\"") + format_rfc3339(at_ms) + "\"," + write_members(counts) + '}';
}

std::string write_counts(const UsageCounts& counts) {
    return '{' + write_members(counts) + '}';
}

std::vector<std::string> write_series(std::vector<NamedSeries> series, const UsageRange& range, UsageGroup group) {
    std::vector<std::string> pieces;
    std::string between =
        "{\"bucket\":\"" + std::string(name_of(range.bucket)) + "\",\"groupBy\":\"" + std::string(name_of(group)) + "\",\"series\":[";
    for (NamedSeries& one : series) {
        pieces.push_back(between + '{' + write_name(group, one.name) + ",\"total\":" + write_counts(one.total) + ",\"points\":[");
        pieces.push_back(std::move(one.points));
        between = "]},";
    }
    pieces.push_back(series.empty() ? between + "]}" : "]}]}");
    return pieces;
}

} // namespace api_key
