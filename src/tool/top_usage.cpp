#include "tool/top_usage.h"

#include "core/text/number.h"
#include "store/flows/series_flow.h"

namespace api_key::tool {

std::optional<UsageRange> fitting_range(std::int64_t from_ms, std::int64_t until_ms, std::int64_t now_ms) {
    constexpr std::int64_t minutes_ms = std::int64_t{6} * 3600 * 1000;
    const std::int64_t end_ms = until_ms == 0 ? now_ms : until_ms;
    UsageBucket bucket = UsageBucket::day;
    if (end_ms - from_ms <= minutes_ms && now_ms - from_ms < kept_s(UsageBucket::minute) * 1000) {
        bucket = UsageBucket::minute;
    } else if (now_ms - from_ms < kept_s(UsageBucket::hour) * 1000) {
        bucket = UsageBucket::hour;
    }
    return UsageRange::of(bucket, from_ms, end_ms, now_ms);
}

std::vector<UsedKey> used_keys(Session& session, std::uint64_t account, const UsageRange& range, UsageOrder order, std::size_t most) {
    SeriesQuery query;
    query.range = range;
    query.order = order;
    query.most = most;
    query.names = true;
    store::ReadSeries flow(session.keyspace(), account, std::move(query));
    session.run(flow);
    std::vector<UsedKey> keys;
    for (const NamedSeries& series : flow.series()) {
        UsedKey key;
        key.account = account;
        key.id = whole_number(series.name).value_or(0);
        key.counts = series.total;
        if (const auto label = flow.keys().find(key.id); label != flow.keys().end()) {
            key.label = label->second;
        }
        keys.push_back(std::move(key));
    }
    return keys;
}

} // namespace api_key::tool
