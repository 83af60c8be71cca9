#include "tool/key_table.h"

#include <fmt/core.h>

#include "core/documents/key_writer.h"
#include "core/text/money.h"
#include "tool/cells.h"

namespace api_key::tool {

namespace {

const char* status_of(const KeyRecord& key, std::int64_t now_ms) {
    if (key.expires_ms != 0 && key.expires_ms <= now_ms) {
        return "expired";
    }
    return key.active ? "active" : "disabled";
}

// The quota of which least is left, as `60/100 daily`; empty: there is none.
std::string tightest_quota(const WindowStates& states) {
    std::string quota;
    double least = 0;
    for (const Window window : all_windows) {
        const WindowState& state = states[static_cast<std::size_t>(window)];
        if (is_rate(window) || state.limit == 0) {
            continue;
        }
        const double left = static_cast<double>(state.remaining()) / static_cast<double>(state.limit);
        if (quota.empty() || left < least) {
            least = left;
            quota = fmt::format("{}/{} {}", state.used, state.limit, window_name(window));
        }
    }
    return quota;
}

std::string shown_money(std::int64_t micro_credits) {
    return cell(json_text(format_micro_credits(micro_credits)).get());
}

std::string spend_of(const store::ReadUsages::Usage& one) {
    const std::string used = shown_money(one.spend.used);
    return one.key.monthly_limit_micro_credits ? used + "/" + shown_money(*one.key.monthly_limit_micro_credits) : used;
}

} // namespace

const std::vector<TableColumn> key_columns{"id",
                                           "name",
                                           "alias",
                                           "type",
                                           {"PREFIX", "prefix", true},
                                           {"CATEGORY", "category", true},
                                           "status",
                                           "quota",
                                           "spend",
                                           {"LAST USED", "lastUsedAt"},
                                           {"EXPIRES", "expiresAt", true},
                                           {"CREATED", "createdAt", true},
                                           {"MODELS", "models", true},
                                           {"ALLOWED IPS", "allowedIps", true},
                                           {"PLAN", "plan", true}};

void add_key_rows(const store::ReadUsages& read, json_t* rows) {
    for (const store::ReadUsages::Usage& one : read.usages()) {
        Json row = key_object(one.key, read.store_now_ms());
        set(row.get(), "status", status_of(one.key, read.store_now_ms()));
        set(row.get(), "quota", tightest_quota(one.states));
        set(row.get(), "spend", spend_of(one));
        json_array_append_new(rows, row.release());
    }
}

} // namespace api_key::tool
