#include "store/flows/usage_history.h"

#include <algorithm>
#include <map>

#include "core/policy/limits.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

// The history covers what the rings of the windows hold; the usage counters have buckets of a minute and of an hour.
constexpr std::int64_t minutes_of_days_bucket = info(Window::daily).bucket_ms / width_ms(UsageBucket::minute);
constexpr std::int64_t kept_minutes = bucket_count(Window::daily) * minutes_of_days_bucket;
constexpr std::int64_t kept_hours = bucket_count(Window::monthly);
static_assert(info(Window::monthly).bucket_ms == width_ms(UsageBucket::hour));
constexpr std::int64_t kept_days = 400; // of usage; older usage is not known any more

bool has_any(const Quotas& quotas) {
    return quotas != Quotas{};
}

// Whether a quota counts in the same buckets as that of `window`.
bool counts_as(const Quotas& quotas, Window window) {
    return std::any_of(windows.begin(), windows.end(), [&](const WindowInfo& one) {
        return one.quota != nullptr && one.ring == info(window).ring && (quotas.*one.quota).has_value();
    });
}

std::string written(const std::map<std::int64_t, std::int64_t>& buckets) {
    std::string text;
    for (const auto& [number, requests] : buckets) {
        text += std::to_string(number) + ' ' + std::to_string(requests) + ' ';
    }
    return text;
}

} // namespace

UsageHistory::UsageHistory(const Keyspace& keyspace, const KeyRecord& before, const KeyRecord& after, std::int64_t now_ms)
    : keyspace_(keyspace), account_(before.account), field_("n:" + std::to_string(before.id)), now_ms_(now_ms),
      counts_total_(!has_any(before.quotas) && has_any(after.quotas)),
      counts_days_(!counts_as(before.quotas, Window::daily) && counts_as(after.quotas, Window::daily)),
      counts_hours_(!counts_as(before.quotas, Window::monthly) && counts_as(after.quotas, Window::monthly)) {}

std::int64_t UsageHistory::today() const {
    return now_ms_ / width_ms(UsageBucket::day);
}

std::string UsageHistory::counter(UsageBucket bucket, std::int64_t number) const {
    return keyspace_.counter(account_, UsageGroup::key, bucket, number);
}

void UsageHistory::ask_range(std::vector<Command>& commands, UsageBucket bucket, std::int64_t kept) const {
    const std::int64_t newest = now_ms_ / width_ms(bucket);
    for (std::int64_t number = newest - kept + 1; number <= newest; number++) {
        commands.push_back({"HGET", counter(bucket, number), field_});
    }
}

std::vector<Command> UsageHistory::ask() const {
    std::vector<Command> commands;
    ask_range(commands, UsageBucket::day, counts_total_ ? kept_days : 1);
    if (counts_days_) {
        ask_range(commands, UsageBucket::minute, kept_minutes);
    }
    if (counts_hours_) {
        ask_range(commands, UsageBucket::hour, kept_hours);
    }
    return commands;
}

void UsageHistory::take(std::span<const Reply> replies) {
    std::size_t next = 0;
    const auto add_range = [&](UsageBucket bucket, std::int64_t kept, std::int64_t width, std::map<std::int64_t, std::int64_t>& buckets) {
        const std::int64_t newest = now_ms_ / width_ms(bucket);
        for (std::int64_t number = newest - kept + 1; number <= newest; number++) {
            if (const std::uint64_t requests = whole_number(text(replies[next++].get())).value_or(0); requests != 0) {
                buckets[number / width] += static_cast<std::int64_t>(requests);
            }
        }
    };
    std::map<std::int64_t, std::int64_t> all;
    add_range(UsageBucket::day, counts_total_ ? kept_days : 1, 1, all);
    std::int64_t sum = 0;
    for (const auto& [number, requests] : all) {
        sum += requests;
    }
    const auto last = all.find(today());
    guarded_ = std::to_string(last != all.end() ? last->second : 0);
    total_ = counts_total_ ? std::to_string(sum) : std::string();
    std::map<std::int64_t, std::int64_t> days;
    if (counts_days_) {
        add_range(UsageBucket::minute, kept_minutes, minutes_of_days_bucket, days);
    }
    std::map<std::int64_t, std::int64_t> hours;
    if (counts_hours_) {
        add_range(UsageBucket::hour, kept_hours, 1, hours);
    }
    days_ = written(days);
    hours_ = written(hours);
}

} // namespace api_key::store
