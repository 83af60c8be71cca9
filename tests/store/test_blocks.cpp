// Failed attempts and blocks in a real Redis whose clock the test sets.
#include "store/flows/account_flows.h"
#include "store/flows/block_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
const BlockRule rule{3, 300'000, 3'600'000};
test::OwnRedis redis;
std::int64_t now_ms = 1'800'000'000'000;

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

int empty_store(void**) {
    redis->command({"FLUSHALL"});
    CreateAccount account(keyspace, test::author(), "acme", "", "random");
    redis->run(account);
    return 0;
}

void move_clock(std::int64_t by_ms) {
    now_ms += by_ms;
    redis.set_clock(now_ms);
}

Address network(std::string_view text) {
    return network_of(*parse_address(text));
}

std::int64_t attempt(std::string_view address, std::uint64_t key) {
    CountFailure flow(keyspace, network(address), key, rule);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.blocked_for_ms();
}

std::size_t blocks() {
    ReadBlocks flow(keyspace);
    redis->run(flow);
    return flow.blocks().size();
}

void blocks_after_so_many_within_the_window(void**) {
    assert_int_equal(attempt("192.0.2.1", 1), 0);
    assert_int_equal(attempt("192.0.2.1", 2), 0);
    assert_int_equal(attempt("192.0.2.2", 3), 0);
    assert_int_equal(attempt("192.0.2.1", 3), rule.for_ms);
    assert_int_equal(blocks(), 1);
    move_clock(rule.for_ms);
    assert_int_equal(blocks(), 0);
    assert_int_equal(attempt("192.0.2.1", 4), 0);
}

void the_window_rolls(void**) {
    assert_int_equal(attempt("192.0.2.1", 1), 0);
    move_clock(rule.window_ms - 1000);
    assert_int_equal(attempt("192.0.2.1", 2), 0);
    move_clock(1000);
    assert_int_equal(attempt("192.0.2.1", 3), 0);
    assert_int_equal(attempt("192.0.2.1", 4), rule.for_ms);
}

void the_same_key_counts_once_a_minute(void**) {
    for (int round = 0; round < 10; round++) {
        assert_int_equal(attempt("192.0.2.1", 1), 0);
        move_clock(5000);
    }
    move_clock(10'000);
    assert_int_equal(attempt("192.0.2.1", 1), 0);
    assert_int_equal(attempt("192.0.2.1", 2), rule.for_ms);
}

void leaves_nothing_behind(void**) {
    attempt("192.0.2.1", 1);
    move_clock(rule.window_ms + 1);
    const Reply reply = redis->command({"EXISTS", keyspace.failed("192.0.2.1")});
    assert_int_equal(reply->integer, 0);
}

void is_set_and_ended_by_hand(void**) {
    SetBlock adding(keyspace, network("2001:db8::1"), 60'000);
    redis->run(adding);
    assert_int_equal(adding.until_ms(), now_ms + 60'000);
    ReadBlocks list(keyspace);
    redis->run(list);
    assert_int_equal(list.version(), 1);
    assert_true(list.blocks().size() == 1 && list.blocks()[0].network == network("2001:db8::ffff"));
    SetBlock ending(keyspace, network("2001:db8::2"), 0);
    redis->run(ending);
    assert_true(ending.outcome() == Outcome::done);
    assert_int_equal(blocks(), 0);
    SetBlock again(keyspace, network("2001:db8::2"), 0);
    redis->run(again);
    assert_true(again.outcome() == Outcome::not_found);
}

void networks_are_addresses_or_64_bits(void**) {
    for (const char* text : {"192.0.2.1", "192.0.2.1/32", "2001:db8::1", "2001:db8::/64"}) {
        CHECK(text, parse_network(text).has_value());
    }
    for (const char* text : {"", "192.0.2.0/24", "2001:db8::/48", "2001:db8::1/64", "host"}) {
        CHECK(text, !parse_network(text).has_value());
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(blocks_after_so_many_within_the_window, empty_store),
        cmocka_unit_test_setup(the_window_rolls, empty_store),
        cmocka_unit_test_setup(the_same_key_counts_once_a_minute, empty_store),
        cmocka_unit_test_setup(leaves_nothing_behind, empty_store),
        cmocka_unit_test_setup(is_set_and_ended_by_hand, empty_store),
        cmocka_unit_test(networks_are_addresses_or_64_bits),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
