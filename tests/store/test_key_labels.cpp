// The labels of keys in logs, which hold ids only, in a real Redis.
#include "store/flows/key_labels.h"

#include "store/flows/account_flows.h"
#include "store/flows/audit_flows.h"
#include "store/flows/key_flows.h"
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

int start(void**) {
    return redis.start() ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

int account(void**) {
    redis->command({"FLUSHALL"});
    CreateAccount made(keyspace, test::author(), "acme", "", "random");
    redis->run(made);
    return made.outcome() == Outcome::done ? 0 : -1;
}

std::uint64_t make_key(const std::string& type, const std::string& name, const std::string& alias) {
    static std::uint8_t number = 1;
    KeyRecord draft;
    draft.account = 1;
    draft.type = type;
    draft.name = name;
    draft.alias = alias;
    draft.prefix = "ms-aaaaa";
    draft.digest[0] = ++number;
    CreateKey key(keyspace, test::author(), draft, std::nullopt);
    redis->run(key);
    CHECK(name, key.outcome() == Outcome::done);
    return key.id();
}

// `<id> <name> <alias>` of each request that the filter lets through, the newest first
std::string listed(const KeyLabelFilter& label, std::size_t limit = 1000) {
    std::string all;
    RequestLogFilter filter;
    filter.label = label;
    LogCursor before;
    do {
        ListRequests flow(keyspace, 1, filter, limit, before, [&](const RequestLogEntry& entry) {
            all += std::to_string(entry.key_id) + " " + entry.key_name + " " + entry.key_alias + "\n";
        });
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
        before = LogCursor::parse(flow.next_page()).value_or(LogCursor{});
    } while (!before.entry.empty());
    return all;
}

std::string entries_about(const KeyLabelFilter& label) {
    AuditFilter filter;
    filter.label = label;
    ListAudit flow(keyspace, 1, filter, 1000, 0);
    redis->run(flow);
    std::string all;
    for (const std::string& entry : flow.entries()) {
        const Json object(json_loads(entry.c_str(), 0, nullptr));
        all += std::string(text_of(json_object_get(object.get(), "action"))) + " " +
               std::to_string(json_integer_value(json_object_get(object.get(), "keyId"))) + "\n";
    }
    return all;
}

void entries_name_their_keys_and_are_filtered_by_that(void**) {
    const std::uint64_t first = make_key("proxy", "first", "");
    const std::uint64_t web = make_key("proxy", "web", "w-1");
    const std::uint64_t clone = make_key("proxy", "web", "w-2");
    const std::uint64_t other = make_key("other", "web", "w-3");
    const std::uint64_t gone = make_key("proxy", "old", "w-9");
    std::vector<LoggedRequest> requests;
    for (const std::uint64_t id : {first, web, clone, other, gone, std::uint64_t{77}}) {
        requests.push_back(test::logged_request(id, 200, std::to_string(id)));
    }
    test::log_requests(redis, keyspace, "first", requests);
    DeleteKey deleted(keyspace, test::author(), {1, {}}, gone, false);
    redis->run(deleted);
    CHECK(deleted.reason(), deleted.outcome() == Outcome::done);
    const std::uint64_t again = make_key("proxy", "new", "w-9");
    test::log_requests(redis, keyspace, "again", {test::logged_request(again, 200, "again")});

    const struct {
        std::string_view what;
        KeyLabelFilter filter;
        std::string_view listed;
    } rows[] = {
        {"all", {}, "6 new w-9\n77  \n5 old w-9\n4 web w-3\n3 web w-2\n2 web w-1\n1 first \n"},
        {"a name", {{}, "web", {}, {}}, "4 web w-3\n3 web w-2\n2 web w-1\n"},
        {"a clone is told from its original", {{}, {}, "w-2", {}}, "3 web w-2\n"},
        {"an alias that was given again", {{}, {}, "w-9", {}}, "6 new w-9\n5 old w-9\n"},
        {"both", {{}, "old", "w-9", {}}, "5 old w-9\n"},
        {"no alias", {{}, {}, "", {}}, "1 first \n"},
        {"types", {{"other", "third"}, {}, {}, {}}, "4 web w-3\n"},
        {"a type, and a key of it that is gone", {{"proxy"}, {}, {}, {}}, "6 new w-9\n5 old w-9\n3 web w-2\n2 web w-1\n1 first \n"},
        {"a name that no key has", {{}, "nobody", {}, {}}, ""},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.what, listed(row.filter), row.listed);
        CHECK_TEXT(row.what, listed(row.filter, 1), row.listed);
    }
    CHECK_TEXT("the security log of a type", entries_about({{"other"}, {}, {}, {}}), "key.create 4\naccount.create 0\n");
    CHECK_TEXT("and of all", entries_about({}),
               "key.create 6\nkey.delete 5\nkey.create 5\nkey.create 4\nkey.create 3\nkey.create 2\nkey.create 1\naccount.create 0\n");
}

void labels_of_deleted_keys_are_bounded(void**) {
    redis->command({"EVAL", "for id = 1, 10000 do redis.call('ZADD', KEYS[1], 100 + id, '{\"id\":' .. 100 + id .. '}') end", "1",
                    keyspace.deleted(1)});
    redis->command({"SET", keyspace.next_key(), "20000"});
    const std::uint64_t last = make_key("proxy", "last", "");
    DeleteKey deleted(keyspace, test::author(), {1, {}}, last, false);
    redis->run(deleted);
    CHECK(deleted.reason(), deleted.outcome() == Outcome::done);
    const Reply count = redis->command({"ZCARD", keyspace.deleted(1)});
    CHECK("as many as before", is_integer(count.get(), 10'000));
    const Reply oldest = redis->command({"ZRANGEBYSCORE", keyspace.deleted(1), "-inf", "101"});
    CHECK("the oldest went", oldest->elements == 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(entries_name_their_keys_and_are_filtered_by_that, account),
        cmocka_unit_test_setup(labels_of_deleted_keys_are_bounded, account),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
