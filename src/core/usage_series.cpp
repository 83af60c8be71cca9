#include "core/usage_series.h"

#include <algorithm>

#include "core/money.h"
#include "core/time_text.h"

namespace api_key {

namespace {

constexpr std::array<std::string_view, 3> bucket_names{"minute", "hour", "day"};
constexpr std::array<std::string_view, 3> group_names{"key", "category", "model"};
constexpr std::array<std::int64_t, 3> widths_ms{60'000, 3'600'000, 86'400'000};
constexpr std::array<std::int64_t, 3> days_kept{1, 35, 400};
constexpr std::array<std::int64_t, 3> default_sizes{60, 24, 30};

template <class Enum>
std::optional<Enum> from_name(const std::array<std::string_view, 3>& names, std::string_view name) {
    const auto* found = std::find(names.begin(), names.end(), name);
    return found != names.end() ? std::optional(static_cast<Enum>(found - names.begin())) : std::nullopt;
}

std::int64_t* member(UsageCounts& counts, std::string_view name) {
    if (name == "n") {
        return &counts.requests;
    }
    if (name == "i") {
        return &counts.input_tokens;
    }
    if (name == "o") {
        return &counts.output_tokens;
    }
    if (name == "c") {
        return &counts.cost_micro_credits;
    }
    const std::optional<Reason> reason = reason_from_name(name);
    return reason ? &counts.refused[static_cast<std::size_t>(*reason)] : nullptr;
}

UsageCounts total_of(const std::vector<UsageCounts>& all) {
    UsageCounts total;
    for (const UsageCounts& counts : all) {
        total.add(counts);
    }
    return total;
}

void set_group(json_t* object, UsageGroup group, const std::string& name) {
    if (group == UsageGroup::key) {
        json_object_set_new(object, "keyId", json_integer(std::strtoll(name.c_str(), nullptr, 10)));
    } else {
        json_object_set_new(object, std::string(name_of(group)).c_str(), json_text(name).release());
    }
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

std::string_view name_of(UsageBucket bucket) {
    return bucket_names[static_cast<std::size_t>(bucket)];
}

std::string_view name_of(UsageGroup group) {
    return group_names[static_cast<std::size_t>(group)];
}

std::int64_t width_ms(UsageBucket bucket) {
    return widths_ms[static_cast<std::size_t>(bucket)];
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
    const bool is_good = range.first >= 0 && range.first <= range.last && range.last - range.first < most;
    return is_good ? std::optional(range) : std::nullopt;
}

void read_counter(std::string_view field, std::int64_t number, UsageSeries& series, std::size_t bucket, std::size_t buckets) {
    const std::size_t colon = field.find(':');
    UsageCounts known;
    if (colon == std::string_view::npos || member(known, field.substr(0, colon)) == nullptr) {
        return;
    }
    std::vector<UsageCounts>& counts = series[std::string(field.substr(colon + 1))];
    counts.resize(buckets);
    *member(counts[bucket], field.substr(0, colon)) += number;
}

std::vector<std::pair<std::string, std::int64_t>> counter_fields(std::string_view name, const UsageCounts& counts) {
    std::vector<std::pair<std::string, std::int64_t>> fields;
    const auto add = [&](std::string_view what, std::int64_t number) {
        if (number != 0) {
            fields.emplace_back(std::string(what) + ":" + std::string(name), number);
        }
    };
    add("n", counts.requests);
    add("i", counts.input_tokens);
    add("o", counts.output_tokens);
    add("c", counts.cost_micro_credits);
    for (std::size_t index = 1; index < reason_count; index++) {
        add(info(static_cast<Reason>(index)).name, counts.refused[index]);
    }
    return fields;
}

std::vector<std::string> counter_names(std::string_view name) {
    UsageCounts all{1, 1, 1, 1, {}};
    all.refused.fill(1);
    std::vector<std::string> names;
    for (auto& [field, number] : counter_fields(name, all)) {
        names.push_back(std::move(field));
    }
    return names;
}

Json counts_object(const UsageCounts& counts) {
    Json object(json_object());
    set_number(object.get(), "requests", counts.requests);
    json_t* refused = json_object();
    for (std::size_t index = 1; index < reason_count; index++) {
        if (counts.refused[index] != 0) {
            set_number(refused, std::string(info(static_cast<Reason>(index)).name).c_str(), counts.refused[index]);
        }
    }
    json_object_set_new(object.get(), "refused", refused);
    set_number(object.get(), "inputTokens", counts.input_tokens);
    set_number(object.get(), "outputTokens", counts.output_tokens);
    json_object_set_new(object.get(), "credits", json_text(format_micro_credits(counts.cost_micro_credits)).release());
    return object;
}

Json points_array(const std::vector<UsageCounts>& counts, const UsageRange& range) {
    Json points(json_array());
    for (std::size_t index = 0; index < range.size(); index++) {
        Json point(json_object());
        const std::int64_t at_ms = (range.first + static_cast<std::int64_t>(index)) * width_ms(range.bucket);
        json_object_set_new(point.get(), "at", json_text(format_rfc3339(at_ms)).release());
        json_object_update(point.get(), counts_object(index < counts.size() ? counts[index] : UsageCounts{}).get());
        json_array_append_new(points.get(), point.release());
    }
    return points;
}

Json series_object(const UsageSeries& series, const UsageRange& range, UsageGroup group, std::optional<std::size_t> most) {
    std::vector<std::pair<UsageCounts, UsageSeries::const_iterator>> totals;
    for (auto one = series.begin(); one != series.end(); one++) {
        totals.emplace_back(total_of(one->second), one);
    }
    std::stable_sort(totals.begin(), totals.end(), [](const auto& a, const auto& b) { return a.first.requests > b.first.requests; });
    totals.resize(std::min(totals.size(), most.value_or(totals.size())));
    json_t* list = json_array();
    for (const auto& [total, one] : totals) {
        Json object(json_object());
        set_group(object.get(), group, one->first);
        json_object_set_new(object.get(), "total", counts_object(total).release());
        json_object_set_new(object.get(), "points", points_array(one->second, range).release());
        json_array_append_new(list, object.release());
    }
    Json answer(json_object());
    json_object_set_new(answer.get(), "bucket", json_text(name_of(range.bucket)).release());
    json_object_set_new(answer.get(), "groupBy", json_text(name_of(group)).release());
    json_object_set_new(answer.get(), "series", list);
    return answer;
}

} // namespace api_key
