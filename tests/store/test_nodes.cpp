// Which nodes have applied a change, in a real Redis whose clock the test sets.
#include "store/flows/node_flows.h"

#include "store/flows/account_flows.h"
#include "store/flows/examination.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

constexpr std::int64_t start_ms = 1'800'000'000'000;
const Keyspace keyspace("ak:");
test::OwnRedis redis;

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

int fresh(void**) {
    redis->command({"FLUSHALL"});
    redis.set_clock(start_ms);
    CreateAccount account(keyspace, test::author(), "acme", "", "random");
    redis->run(account);
    redis->command({"SET", keyspace.sequence(), "100"});
    return 0;
}

void beat(const char* name, std::uint64_t applied, std::int64_t trust_ms = 60'000) {
    const Node node{name, trust_ms};
    Heartbeat flow(keyspace, node, applied);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done && flow.problem() == nullptr && flow.sequence() == 100);
}

std::string late(std::uint64_t sequence, const char* asking = "") {
    LateNodes flow(keyspace, sequence, asking);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    std::string names;
    for (const LateNode& node : flow.nodes()) {
        names += node.silent ? "(" + node.name + ") " : node.name + " ";
    }
    return names;
}

void names_those_who_have_not_taken_it_in(void**) {
    CHECK_TEXT("nobody", late(100), "");
    beat("a", 99);
    CHECK_TEXT("a", late(100), "a ");
    LateNodes flow(keyspace, 100, "");
    redis->run(flow);
    assert_int_equal(flow.nodes()[0].applied, 99);
    CHECK_TEXT("an earlier one", late(99), "");
    CHECK_TEXT("who asks knows", late(100, "a"), "");
    Acknowledge taken(keyspace, "a", 100);
    redis->run(taken);
    CHECK_TEXT("taken in", late(100), "");
    beat("a", 99);
    CHECK_TEXT("an older word changes nothing", late(100), "");
    Acknowledge stranger(keyspace, "b", 100);
    redis->run(stranger);
    CHECK_TEXT("who never said a word", late(101), "a ");
}

void who_is_ahead_of_the_store_is_of_other_times(void**) {
    beat("a", 500);
    CHECK_TEXT("ahead", late(100), "a ");
    Acknowledge taken(keyspace, "a", 500);
    redis->run(taken);
    CHECK_TEXT("ahead, acknowledged", late(100), "a ");
    beat("a", 100);
    CHECK_TEXT("again", late(100), "");
}

void silent_nodes_are_distinguished_and_removed_in_time(void**) {
    beat("a", 1, 5000);
    redis.set_clock(start_ms + LateNodes::silent_after_ms);
    CHECK_TEXT("late", late(100), "a ");
    redis.set_clock(start_ms + LateNodes::silent_after_ms + 1);
    CHECK_TEXT("silent", late(100), "(a) ");
    redis.set_clock(start_ms + 5000);
    CHECK_TEXT("still trusts its cache", late(100), "(a) ");
    redis.set_clock(start_ms + 5001);
    CHECK_TEXT("no more", late(100), "");
    const Reply left = redis->command({"HLEN", keyspace.nodes()});
    assert_int_equal(left->integer, 0);
}

void who_ends_takes_his_name_out(void**) {
    beat("a", 1);
    ForgetNode flow(keyspace, "a");
    redis->run(flow);
    CHECK_TEXT("gone", late(100), "");
}

void an_emptied_store_has_no_nodes(void**) {
    redis->command({"FLUSHALL"});
    const Node node{"a", 1000};
    Heartbeat flow(keyspace, node, 1);
    redis->run(flow);
    CHECK("empty", flow.outcome() == Outcome::done && flow.problem() != nullptr);
    const Reply left = redis->command({"EXISTS", keyspace.nodes()});
    assert_int_equal(left->integer, 0);
}

std::string state_of(const char* check) {
    Examination flow(keyspace);
    redis->run(flow);
    for (const Finding& finding : flow.findings()) {
        if (finding.check == check) {
            return (finding.state == Finding::State::ok     ? "ok: "
                    : finding.state == Finding::State::warn ? "warn: "
                                                            : "fail: ") +
                   finding.detail;
        }
    }
    return "";
}

void is_examined(void**) {
    CHECK_TEXT("eviction", state_of("eviction"), "ok: maxmemory-policy is noeviction");
    redis->command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    CHECK("eviction", state_of("eviction").starts_with("fail: maxmemory-policy is allkeys-lru"));
    redis->command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    CHECK("persistence", state_of("persistence").starts_with("warn: neither"));
    redis->command({"CONFIG", "SET", "save", "900 1"});
    CHECK_TEXT("persistence", state_of("persistence"), "ok: save is on");
    CHECK_TEXT("contents", state_of("contents"), "ok: schema 1");
    redis->command({"SET", keyspace.schema(), "2"});
    CHECK_TEXT("contents", state_of("contents"), "fail: its schema version is \"2\", expected 1");
    redis->command({"DEL", keyspace.epoch()});
    redis->command({"LPUSH", keyspace.epoch(), "foreign"});
    CHECK("contents", state_of("contents").starts_with("fail: the names under this prefix belong to another program"));
    redis->command({"DEL", keyspace.epoch()});
    CHECK("contents", state_of("contents").find("keys but no epoch record") != std::string::npos);
    redis->command({"FLUSHALL"});
    CHECK("contents", state_of("contents").starts_with("fail: it is empty"));
    CHECK("replicas", state_of("replicas").starts_with("ok: none"));
    redis->command({"REPLICAOF", "127.0.0.1", "1"});
    CHECK("replicas", state_of("replicas").starts_with("fail: this server is a replica"));
    redis->command({"REPLICAOF", "NO", "ONE"});
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_those_who_have_not_taken_it_in, fresh),
        cmocka_unit_test_setup(who_is_ahead_of_the_store_is_of_other_times, fresh),
        cmocka_unit_test_setup(silent_nodes_are_distinguished_and_removed_in_time, fresh),
        cmocka_unit_test_setup(who_ends_takes_his_name_out, fresh),
        cmocka_unit_test_setup(an_emptied_store_has_no_nodes, fresh),
        cmocka_unit_test_setup(is_examined, fresh),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
