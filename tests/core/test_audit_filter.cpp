// Which entries of the security log a filter matches.
#include "core/logs/audit_filter.h"

#include "core/text/json.h"
#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t eight_ms = 1'800'000'000'000; // 2027-01-15T08:00:00Z

void matches_by_key_action_and_time(void**) {
    constexpr const char* rotation = R"({"at":"2027-01-15T08:00:00Z","action":"key.rotate","keyId":7})";
    constexpr const char* of_account = R"({"at":"2027-01-15T08:00:00Z","action":"account.plan"})";
    constexpr const char* without_time = R"({"action":"key.rotate","keyId":7})";
    const struct {
        std::string_view row;
        std::optional<std::uint64_t> key_id;
        std::string_view action;
        std::int64_t from_ms;
        std::int64_t until_ms;
        const char* entry;
        bool is_match;
    } rows[] = {
        {"no condition", {}, "", 0, 0, rotation, true},
        {"its key", 7, "", 0, 0, rotation, true},
        {"another key", 8, "", 0, 0, rotation, false},
        {"a key, but the entry has none", 7, "", 0, 0, of_account, false},
        {"its action", {}, "key.rotate", 0, 0, rotation, true},
        {"a group of actions", {}, "key", 0, 0, rotation, true},
        {"another group", {}, "account", 0, 0, rotation, false},
        {"part of a group's name", {}, "ke", 0, 0, rotation, false},
        {"a longer action", {}, "key.rotate.x", 0, 0, rotation, false},
        {"another case", {}, "KEY", 0, 0, rotation, false},
        {"the begin is included", {}, "", eight_ms, 0, rotation, true},
        {"before the begin", {}, "", eight_ms + 1, 0, rotation, false},
        {"the end is not included", {}, "", 0, eight_ms, rotation, false},
        {"before the end", {}, "", 0, eight_ms + 1, rotation, true},
        {"a range around it", {}, "", eight_ms - 1, eight_ms + 1, rotation, true},
        {"an entry without a time, any time", {}, "", 0, 0, without_time, true},
        {"... in a range", {}, "", 1, 0, without_time, false},
        {"an entry that is no object", {}, "key", 0, 0, "[]", false},
        {"all conditions", 7, "key", eight_ms, 0, rotation, true},
        {"all but one", 7, "session", eight_ms, 0, rotation, false},
    };
    for (const auto& row : rows) {
        const Json entry(json_loads(row.entry, 0, nullptr));
        AuditFilter filter;
        filter.key_id = row.key_id;
        filter.action = row.action;
        filter.from_ms = row.from_ms;
        filter.until_ms = row.until_ms;
        CHECK(row.row, filter.matches(entry.get()) == row.is_match);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(matches_by_key_action_and_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
