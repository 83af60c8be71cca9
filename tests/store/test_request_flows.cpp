// Usage counters, the request log and the security log in a real Redis.
#include "store/flows/request_flows.h"

#include "store/flows/account_flows.h"
#include "store/flows/audit_flows.h"
#include "store/flows/key_flows.h"
#include "store/flows/series_flow.h"
#include "store/replies.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"
#include "lib/request_log.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
test::OwnRedis redis;
constexpr std::int64_t now_ms = 1'800'000'000'000; // 2027-01-15T08:00:00Z

int start(void**) {
    return redis.start() ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

int account_with_a_key(void**) {
    redis->command({"FLUSHALL"});
    CreateAccount made(keyspace, test::author(), "acme", "", "random");
    redis->run(made);
    KeyRecord draft;
    draft.account = 1;
    draft.type = "proxy";
    draft.name = "first";
    draft.prefix = "ms-aaaaa";
    draft.digest[0] = 1;
    CreateKey key(keyspace, test::author(), draft, std::nullopt);
    redis->run(key);
    return key.outcome() == Outcome::done ? 0 : -1;
}

KeyUse use(std::int64_t requests, const std::string& model, std::int64_t used_ms) {
    KeyUse use;
    use.account = 1;
    use.category = "web";
    use.counts = {requests, 10, 20, 30, {}};
    use.counts.refused[static_cast<std::size_t>(Reason::quota_exceeded)] = 1;
    use.last_used_ms = used_ms;
    use.models = {{model, {requests, 10, 20, 30, {}}}};
    return use;
}

std::map<std::string, UsageCounts> read(UsageGroup group, const std::vector<std::string>& only = {}) {
    SeriesQuery query;
    query.range = *UsageRange::of(UsageBucket::hour, now_ms, now_ms + 1, now_ms);
    query.group = group;
    query.only = only;
    query.most = 10'000;
    ReadSeries flow(keyspace, 1, query);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    std::map<std::string, UsageCounts> totals;
    for (const NamedSeries& one : flow.series()) {
        totals[one.name] = one.total;
    }
    return totals;
}

void counts_a_duplicate_message_once(void**) {
    for (int times = 0; times < 2; times++) {
        CountRequests flow(keyspace, {"a", 1}, {{1, use(3, "m:1", now_ms)}, {9, use(4, "m:1", now_ms)}}, now_ms);
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
    }
    CHECK("key", read(UsageGroup::key).at("1").requests == 3 && read(UsageGroup::key, {"9"}).at("9").requests == 4);
    CHECK("refused", read(UsageGroup::key).at("1").refused[static_cast<std::size_t>(Reason::quota_exceeded)] == 1);
    CHECK("category", read(UsageGroup::category).at("web").requests == 7 && read(UsageGroup::category).at("web").cost_micro_credits == 60);
    CHECK("model", read(UsageGroup::model).at("m:1").output_tokens == 40);
    const Reply used = redis->command({"HGET", keyspace.key(1), "used"});
    CHECK_TEXT("last used", text(used.get()), std::to_string(now_ms));
    const Reply gone = redis->command({"EXISTS", keyspace.key(9)});
    CHECK("a key that is gone stays gone", is_integer(gone.get(), 0));

    CountRequests late(keyspace, {"a", 2}, {{1, use(1, "m:1", now_ms - 5)}}, now_ms);
    redis->run(late);
    const Reply still = redis->command({"HGET", keyspace.key(1), "used"});
    CHECK_TEXT("never back", text(still.get()), std::to_string(now_ms));
    const Reply kept = redis->command({"TTL", keyspace.counter(1, UsageGroup::key, UsageBucket::minute, now_ms / 60'000)});
    CHECK("minutes are kept for a day", kept->integer > 86'000 && kept->integer <= 86'400);
}

void clients_cannot_make_names_without_end(void**) {
    for (int round = 0; round < 12; round++) {
        std::vector<std::pair<std::uint64_t, KeyUse>> uses;
        for (int number = 0; number < 100; number++) {
            uses.emplace_back(1, use(1, "model " + std::to_string(round * 100 + number), now_ms));
        }
        CountRequests flow(keyspace, {"b", static_cast<std::uint64_t>(round) + 1}, uses, now_ms);
        redis->run(flow);
    }
    const std::map<std::string, UsageCounts> series = read(UsageGroup::model);
    std::int64_t all = 0;
    for (const auto& [name, counts] : series) {
        all += counts.requests;
    }
    CHECK(std::to_string(series.size()), series.size() <= 1101 && series.contains("(others)"));
    assert_int_equal(all, 1200);
}

RequestLogEntry expected(std::uint64_t key_id, std::uint16_t status, const std::string& id) {
    RequestLogEntry entry;
    entry.account = 1;
    entry.key_id = key_id;
    entry.at_ms = now_ms;
    entry.method = "GET";
    entry.path = "/v1/models";
    entry.status = status;
    entry.address = "203.0.113.7";
    entry.request_id = id;
    entry.result = "ok";
    return entry;
}

LoggedRequest request(std::uint64_t key_id, std::uint16_t status, const std::string& id) {
    return test::logged_request(key_id, status, id);
}

void log(const std::string& sender, const std::vector<LoggedRequest>& requests, const LogKeep& keep = {}) {
    test::log_requests(redis, keyspace, sender, requests, keep);
}

void logs_are_read_page_by_page(void**) {
    for (int number = 0; number < 700;) { // entries of 1, 2, 3 … requests
        std::vector<LoggedRequest> requests;
        for (const int end = std::min(2 * number + 1, 700); number < end; number++) {
            requests.push_back(request(number % 2 == 0 ? 1 : 2, number % 7 == 0 ? 429 : 200, std::to_string(number)));
        }
        log("c" + std::to_string(number), requests);
        log("c" + std::to_string(number), requests);
    }
    RequestLogFilter filter;
    filter.key_id = 2;
    filter.status_from = filter.status_to = 429;
    LogCursor before;
    std::vector<RequestLogEntry> seen;
    do {
        ListRequests flow(keyspace, 1, filter, 30, before, [&](const RequestLogEntry& entry) { seen.push_back(entry); });
        redis->run(flow);
        before = LogCursor::parse(flow.next_page()).value_or(LogCursor{});
    } while (!before.entry.empty());
    assert_int_equal(seen.size(), 50);
    CHECK("the newest first", seen.front() == expected(2, 429, "693"));
    CHECK("to the oldest", seen.back() == expected(2, 429, "7"));
    RequestLogFilter one;
    one.request_id = "3";
    seen.clear();
    const auto see = [&](const RequestLogEntry& entry) { seen.push_back(entry); };
    ListRequests found(keyspace, 1, one, 1, {}, see);
    redis->run(found);
    CHECK("by its id", seen == std::vector{expected(2, 200, "3")});
    seen.clear();
    ListRequests other(keyspace, 2, {}, 10, {}, see);
    redis->run(other);
    CHECK("of another account", other.outcome() == Outcome::done && seen.empty());
    for (const char* text : {"", "x", "1-", "1-2", "1-2-", "1-2-x", "-1-2", "1--2-3"}) {
        CHECK(text, !LogCursor::parse(text));
    }
}

void a_log_keeps_as_many_as_configured(void**) {
    const auto size = [] {
        std::size_t count = 0;
        ListRequests flow(keyspace, 1, {}, 1'000'000, {}, [&](const RequestLogEntry&) { count++; });
        redis->run(flow);
        return count;
    };
    for (int round = 0; round < 10; round++) {
        log("d:" + std::to_string(round), std::vector(300, request(1, 200, "x")), {1000, 3'600'000});
    }
    CHECK(std::to_string(size()), size() == 1200);
    for (int number = 0; number < 30; number++) {
        log("e:" + std::to_string(number), {request(1, 200, "y")}, {10, 3'600'000});
    }
    CHECK(std::to_string(size()), size() == 10);
    const Reply counted = redis->command({"HGET", keyspace.request_log_sizes(), "1"});
    CHECK_TEXT("counted", text(counted.get()), "10");
    log("old", {request(1, 200, "x")}, {1000, -3'600'000}); // older than an hour from now on
    CHECK(std::to_string(size()), size() == 0);
    const Reply listed = redis->command({"EXISTS", keyspace.request_log_counts(1)});
    CHECK("no count is left", listed->integer == 0);
}

void a_log_without_counts_is_counted(void**) {
    const auto kept = [] {
        std::string ids;
        ListRequests flow(keyspace, 1, {}, 1'000'000, {}, [&](const RequestLogEntry& entry) { ids += entry.request_id; });
        redis->run(flow);
        return ids;
    };
    for (const char* id : {"a", "b", "c", "d"}) {
        log(std::string("before ") + id, std::vector(id[0] == 'b' ? 3 : 1, request(1, 200, id)));
    }
    redis->command({"DEL", keyspace.request_log_counts(1)});
    log("after e", {request(1, 200, "e")}, {6, 3'600'000});
    CHECK_TEXT("one too many", kept(), "edcbbb");
    log("after f", {request(1, 200, "f")}, {6, 3'600'000});
    CHECK_TEXT("an entry of several", kept(), "fedcbbb");
    log("after g", {request(1, 200, "g"), request(1, 200, "g")}, {5, 3'600'000});
    CHECK_TEXT("some that are listed, some that are not", kept(), "ggfed");
    log("after h", {request(1, 200, "h")}, {2, 3'600'000});
    CHECK_TEXT("all that were not", kept(), "hgg");
    const Reply counted = redis->command({"HGET", keyspace.request_log_sizes(), "1"});
    CHECK_TEXT("counted", text(counted.get()), "3");
    const Reply listed = redis->command({"LLEN", keyspace.request_log_counts(1)});
    CHECK("a count for each entry", listed->integer == 2);
}

// The verdict on the log of account 1, or on its `most` newest entries.
std::string verified(std::uint64_t most = 0) {
    VerifyAudit flow(keyspace, test::peppers(), 1, most);
    redis->run(flow);
    return flow.chain().problem().empty() ? "good" : flow.chain().problem();
}

KeyChange renamed(const std::string& name) {
    KeyChange change;
    change.name = name;
    return change;
}

void every_change_is_in_the_log(void**) {
    UpdateKey update(keyspace, test::author(), {}, 1, renamed("second"));
    redis->run(update);
    UpdateKey nothing(keyspace, test::author(), {}, 1, renamed("second"));
    redis->run(nothing);
    NoteAttempt attempt(keyspace, test::author(), {1, 1, "expired_key", "192.0.2.1"});
    redis->run(attempt);
    NoteAttempt again(keyspace, test::author(), {1, 1, "expired_key", "192.0.2.1"});
    redis->run(again);
    DeleteKey remove(keyspace, test::author(), {}, 1, false);
    redis->run(remove);
    ListAudit list(keyspace, 1, {}, 100, 0);
    redis->run(list);
    std::string actions;
    for (const std::string& text : list.entries()) {
        const Json entry(json_loadb(text.data(), text.size(), 0, nullptr));
        actions += std::string(text_of(json_object_get(entry.get(), "action"))) + " ";
    }
    CHECK_TEXT("the newest first", actions, "key.delete access.denied key.rename key.create account.create ");
    CHECK_TEXT("the chain", verified(), "good");
    AuditFilter filter;
    filter.key_id = 1;
    filter.action = "key";
    ListAudit some(keyspace, 1, filter, 2, 0);
    redis->run(some);
    CHECK("filtered", some.entries().size() == 2 && some.next_page() == 3);
}

void no_entry_is_altered_unnoticed(void**) {
    const auto change = [] {
        for (int number = 0; number < 4; number++) {
            UpdateKey update(keyspace, test::author(), {}, 1, renamed("name " + std::to_string(number)));
            redis->run(update);
        }
    };
    const std::string stream = keyspace.audit(1);
    change();
    CHECK_TEXT("untouched", verified(), "good");
    CHECK_TEXT("its newest entries", verified(2), "good");
    CHECK_TEXT("more than there are", verified(100), "good");
    redis->command({"XDEL", stream, "3-0"});
    CHECK_TEXT("taken out", verified(), "entry 3 is missing");
    CHECK_TEXT("after what was taken out", verified(2), "good");
    CHECK_TEXT("what the newest follow was taken out", verified(3), "entry 3 is missing");

    account_with_a_key(nullptr);
    change();
    redis->command({"XTRIM", stream, "MAXLEN", "4"});
    CHECK_TEXT("the beginning", verified(), "entry 1 is missing");

    account_with_a_key(nullptr);
    change();
    redis->command({"XDEL", stream, "6-0"});
    CHECK_TEXT("the end", verified(), "the entries after 5 have been cut off");

    account_with_a_key(nullptr);
    change();
    const Reply entries = redis->command({"XRANGE", stream, "-", "+"});
    const auto field = [&](std::size_t entry, std::size_t index) {
        return std::string(text(entries->element[entry]->element[1]->element[index]));
    };
    redis->command({"DEL", stream});
    for (const std::size_t entry : {0, 2, 1, 3, 4, 5}) { // two of them swapped
        redis->command({"XADD", stream, "*", "entry", field(entry, 1), "mac", field(entry, 3)});
    }
    CHECK_TEXT("renumbered", verified(), "entry 1 is missing");
    redis->command({"DEL", stream});
    for (std::size_t entry = 0; entry < 6; entry++) {
        const std::size_t from = entry == 1 ? 2 : entry == 2 ? 1 : entry;
        redis->command({"XADD", stream, std::to_string(entry + 1) + "-0", "entry", field(from, 1), "mac", field(from, 3)});
    }
    CHECK_TEXT("in another order", verified(), "entry 2 has been altered, or is signed by a pepper that is not in the file");
    redis->command({"DEL", stream});
    for (std::size_t entry = 0; entry < 6; entry++) {
        std::string said = field(entry, 1);
        said.replace(said.find("\"at\""), 4, "\"AT\"");
        redis->command(
            {"XADD", stream, std::to_string(entry + 1) + "-0", "entry", entry == 3 ? said : field(entry, 1), "mac", field(entry, 3)});
    }
    CHECK_TEXT("edited", verified(), "entry 4 has been altered, or is signed by a pepper that is not in the file");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(counts_a_duplicate_message_once, account_with_a_key),
        cmocka_unit_test_setup(clients_cannot_make_names_without_end, account_with_a_key),
        cmocka_unit_test_setup(logs_are_read_page_by_page, account_with_a_key),
        cmocka_unit_test_setup(a_log_keeps_as_many_as_configured, account_with_a_key),
        cmocka_unit_test_setup(a_log_without_counts_is_counted, account_with_a_key),
        cmocka_unit_test_setup(every_change_is_in_the_log, account_with_a_key),
        cmocka_unit_test_setup(no_entry_is_altered_unnoticed, account_with_a_key),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
