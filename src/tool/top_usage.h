// Which keys were used most, and what for.
#pragma once

#include <vector>

#include "core/logs/usage_series.h"
#include "store/flows/account_flows.h"
#include "tool/session.h"

namespace api_key::tool {

struct UsedKey {
    std::uint64_t account = 0;
    std::uint64_t id = 0;
    KeyLabel label; // empty: the key is no longer known
    UsageCounts counts;
};

// The range in buckets of the width that is kept for so long.
std::optional<UsageRange> fitting_range(std::int64_t from_ms, std::int64_t until_ms, std::int64_t now_ms);

// The first `most` in this order.
std::vector<UsedKey> used_keys(Session& session, std::uint64_t account, const UsageRange& range, UsageOrder order, std::size_t most);

} // namespace api_key::tool
