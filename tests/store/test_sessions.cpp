// Sessions in a real Redis whose clock the test sets.
#include "store/flows/account_flows.h"
#include "store/flows/audit_flows.h"
#include "store/flows/session_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

constexpr std::int64_t minute_ms = 60'000;
const Keyspace keyspace("ak:");
const Digest name = *sha256("name");
const Digest other_name = *sha256("under another pepper");
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

std::int64_t create() {
    CreateSession flow(keyspace, test::author(), {name, 1, 7, 0, "sealed"});
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.until_ms();
}

Outcome outcome_of_reading() {
    ReadSession flow(keyspace, {other_name, name});
    redis->run(flow);
    return flow.outcome();
}

std::size_t audited(const std::string& action) {
    AuditFilter filter;
    filter.action = action;
    ListAudit flow(keyspace, 1, std::move(filter), 100, 0);
    redis->run(flow);
    return flow.entries().size();
}

void it_is_read_as_it_was_made(void**) {
    assert_int_equal(create(), now_ms + session_lasts_ms);
    ReadSession flow(keyspace, {other_name, name});
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    const StoredSession& session = flow.session();
    assert_true(session.name == name && session.account == 1 && session.key_id == 7 && session.sealed == "sealed");
    assert_int_equal(session.until_ms, now_ms + session_lasts_ms);
    assert_int_equal(audited("session.create"), 1);
    ReadSession unknown(keyspace, {other_name});
    redis->run(unknown);
    assert_true(unknown.outcome() == Outcome::not_found);
}

void it_ends_when_it_is_not_used(void**) {
    create();
    move_clock(session_idle_ms - 1);
    assert_true(outcome_of_reading() == Outcome::done); // extends it by 30 minutes
    move_clock(session_idle_ms - 1);
    assert_true(outcome_of_reading() == Outcome::done);
    move_clock(session_idle_ms + 1);
    assert_true(outcome_of_reading() == Outcome::not_found);
}

void it_is_renewed_once_a_minute_at_most(void**) {
    create();
    move_clock(minute_ms - 1);
    assert_true(outcome_of_reading() == Outcome::done);
    move_clock(session_idle_ms - minute_ms + 2); // counted from the start: nothing was written
    assert_true(outcome_of_reading() == Outcome::not_found);
    create();
    move_clock(minute_ms);
    assert_true(outcome_of_reading() == Outcome::done);
    move_clock(session_idle_ms - 1);
    assert_true(outcome_of_reading() == Outcome::done);
}

void it_ends_after_12_hours_however_much_it_is_used(void**) {
    create();
    for (std::int64_t passed = 0; passed < session_lasts_ms - 10 * minute_ms; passed += 10 * minute_ms) {
        move_clock(10 * minute_ms);
        assert_true(outcome_of_reading() == Outcome::done);
    }
    move_clock(10 * minute_ms - 1);
    assert_true(outcome_of_reading() == Outcome::done);
    move_clock(1);
    assert_true(outcome_of_reading() == Outcome::not_found);
}

void it_is_ended_once(void**) {
    create();
    for (int round = 0; round < 2; round++) {
        EndSession flow(keyspace, test::author(), {name, 1, 7, 0, ""});
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
        assert_true(outcome_of_reading() == Outcome::not_found);
        assert_int_equal(audited("session.delete"), 1);
    }
}

void an_emptied_store_knows_nothing_of_it(void**) {
    create();
    redis->command({"FLUSHALL"});
    assert_true(outcome_of_reading() == Outcome::unavailable);
    CreateSession flow(keyspace, test::author(), {name, 1, 7, 0, "sealed"});
    redis->run(flow);
    assert_true(flow.outcome() == Outcome::unavailable);
    EndSession end(keyspace, test::author(), {name, 1, 7, 0, ""});
    redis->run(end);
    assert_true(end.outcome() == Outcome::unavailable);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_read_as_it_was_made, empty_store),
        cmocka_unit_test_setup(it_ends_when_it_is_not_used, empty_store),
        cmocka_unit_test_setup(it_is_renewed_once_a_minute_at_most, empty_store),
        cmocka_unit_test_setup(it_ends_after_12_hours_however_much_it_is_used, empty_store),
        cmocka_unit_test_setup(it_is_ended_once, empty_store),
        cmocka_unit_test_setup(an_emptied_store_knows_nothing_of_it, empty_store),
    };
    return cmocka_run_group_tests_name("sessions", tests, start, shut_down);
}
