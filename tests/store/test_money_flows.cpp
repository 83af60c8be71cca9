// Wallets, holds and ledgers in a real Redis whose clock the test sets.
#include "store/money_flows.h"

#include "store/account_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
test::OwnRedis redis;
std::int64_t now_ms = 1'800'000'000'000; // 2027-01-15
constexpr std::uint64_t account = 1;
constexpr std::uint64_t key_id = 5;

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int stop(void**) {
    redis.stop();
    return 0;
}

void top_up(std::int64_t amount, const std::string& reference, Outcome expected = Outcome::done) {
    auto flow = ChangeAccount::top_up(keyspace, test::author(), account, amount, reference);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == expected);
}

int rich_account(void**) {
    redis->command({"FLUSHALL"});
    CreateAccount made(keyspace, test::author(), "acme", "", "random");
    redis->run(made);
    redis->command({"HSET", keyspace.key(key_id), "ver", "1"});
    top_up(1000, "first");
    return 0;
}

void move_clock(std::int64_t by_ms) {
    now_ms += by_ms;
    redis.set_clock(now_ms);
}

HoldReport report(std::uint64_t hold, std::uint32_t number, std::int64_t spent, std::int64_t needed, std::int64_t waiting = 0) {
    HoldReport report;
    report.key_id = key_id;
    report.account = account;
    report.hold = hold;
    report.number = number;
    report.spent = spent;
    report.needed = needed;
    report.first = waiting;
    report.waiting = report.wanted = waiting;
    return report;
}

SyncHold sync(const HoldReport& said) {
    SyncHold flow(keyspace, said);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() != Outcome::unavailable);
    return flow;
}

Wallet wallet() {
    ReadWallet flow(keyspace, account);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.wallet();
}

std::vector<Transaction> ledger() {
    ListTransactions flow(keyspace, account, 1000, 0);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.transactions();
}

void is(std::string_view row, std::int64_t balance, std::int64_t held) {
    std::int64_t sum = 0;
    for (const Transaction& transaction : ledger()) {
        sum += transaction.amount;
    }
    CHECK_TEXT(row, std::to_string(wallet().balance) + " " + std::to_string(wallet().held) + " " + std::to_string(sum),
               std::to_string(balance) + " " + std::to_string(held) + " " + std::to_string(balance));
}

void is_held_charged_and_released(void**) {
    assert_int_equal(sync(report(7, 1, 0, 0, 300)).granted(), 300);
    is("held", 1000, 300);
    assert_int_equal(sync(report(7, 2, 100, 150, 0)).granted(), 0);
    is("a part is spent, another released", 900, 150);
    sync(report(7, 3, 250, 0));
    is("all is spent", 750, 0);
    assert_true(sync(report(7, 4, 250, 0)).conflict() == Conflict::hold_lost); // it is closed
    is("and closed", 750, 0);
}

void a_report_that_comes_twice_or_late_changes_nothing(void**) {
    sync(report(7, 1, 0, 0, 300));
    sync(report(7, 2, 100, 200));
    SyncHold late(keyspace, report(7, 2, 100, 200));
    redis->run(late);
    assert_true(late.outcome() == Outcome::unavailable);
    is("twice", 900, 200);
}

void a_grant_whose_answer_was_lost_is_free_again(void**) {
    sync(report(7, 1, 0, 0, 300));
    assert_int_equal(sync(report(7, 2, 0, 0, 400)).granted(), 400);
    is("the node knows of one", 1000, 400);
    sync(report(7, 3, 0, 0));
    is("and of none", 1000, 0);
}

void nobody_gets_more_than_there_is(void**) {
    assert_int_equal(sync(report(7, 1, 0, 0, 900)).granted(), 900);
    const SyncHold refused = sync(report(8, 1, 0, 0, 200));
    assert_int_equal(refused.granted(), 0);
    assert_true(refused.state().shortage == Shortage::wallet && refused.state().used == 900 && refused.state().cap == 1000);
    HoldReport several = report(9, 1, 0, 0, 150);
    several.first = 50;
    assert_int_equal(sync(several).granted(), 100);
    is("all is held", 1000, 1000);
    sync(report(7, 2, 2000, 0)); // more than it held
    is("no hold pays more than it held", 100, 100);
}

void in_advance_only_while_there_is_plenty(void**) {
    HoldReport eager = report(7, 1, 0, 0, 10);
    eager.wanted = 500;
    assert_int_equal(sync(eager).granted(), 120);
    eager = report(8, 1, 0, 0, 20);
    eager.wanted = 500;
    assert_int_equal(sync(eager).granted(), 20);
}

void a_months_limit_comes_back_with_the_month(void**) {
    redis->command({"HSET", keyspace.key(key_id), "spend", "200"});
    assert_int_equal(sync(report(7, 1, 0, 0, 150)).granted(), 150);
    const SyncHold refused = sync(report(8, 1, 0, 0, 100));
    assert_true(refused.state().shortage == Shortage::key_spend && refused.state().used == 150 && refused.state().cap == 200);
    assert_int_equal(refused.state().reset_ms, 1'801'440'000'000); // 2027-02-01
    sync(report(7, 2, 150, 0));
    is("spent", 850, 0);
    move_clock(refused.state().reset_ms - now_ms - 1);
    assert_int_equal(sync(report(9, 1, 0, 0, 51)).granted(), 0);
    move_clock(1);
    assert_int_equal(sync(report(10, 1, 0, 0, 200)).granted(), 200);
    assert_int_equal(sync(report(11, 1, 0, 0, 1)).granted(), 0);
}

void a_hold_that_nobody_speaks_of_counts_as_used(void**) {
    sync(report(7, 1, 0, 0, 300));
    sync(report(8, 1, 0, 0, 100));
    move_clock(599'000);
    sync(report(8, 2, 0, 100));
    move_clock(2000);
    sync(report(9, 1, 0, 0, 10));
    is("one is charged", 700, 110);
    assert_true(sync(report(7, 2, 20, 0)).conflict() == Conflict::hold_lost);
    is("once", 700, 110);
}

void a_day_of_a_key_is_one_entry(void**) {
    for (std::uint64_t hold = 1; hold <= 3; hold++) {
        sync(report(hold, 1, 0, 0, 10));
        sync(report(hold, 2, 10, 0));
        move_clock(60'000);
    }
    std::vector<Transaction> entries = ledger();
    assert_int_equal(entries.size(), 2);
    assert_true(entries[0].type == "usage" && entries[0].amount == -30 && entries[0].key_id == key_id);
    assert_int_equal(entries[0].updated_ms - entries[0].created_ms, 120'000);
    move_clock(86'400'000);
    sync(report(4, 1, 0, 0, 10));
    sync(report(4, 2, 10, 0));
    entries = ledger();
    assert_int_equal(entries.size(), 3);
    assert_int_equal(entries[0].amount, -10);
    is("two days", 960, 0);
}

void a_reference_counts_once(void**) {
    top_up(500, "second");
    top_up(500, "second");
    top_up(501, "second", Outcome::conflict);
    is("once", 1500, 0);
    auto plan = ChangeAccount::set_plan(keyspace, test::author(), account, "pro", "change-1");
    redis->run(plan);
    assert_true(plan.outcome() == Outcome::done);
    auto other = ChangeAccount::set_plan(keyspace, test::author(), account, "free", "change-1");
    redis->run(other);
    assert_true(other.conflict() == Conflict::idempotency_mismatch);
    const std::vector<Transaction> entries = ledger();
    assert_int_equal(entries.size(), 3);
    assert_true(entries[0].type == "plan" && entries[0].plan == "pro" && entries[0].reference == "change-1" && entries[0].amount == 0);
    auto nobody = ChangeAccount::top_up(keyspace, test::author(), 99, 1, "x");
    redis->run(nobody);
    assert_true(nobody.outcome() == Outcome::not_found);
}

void a_key_that_is_gone_pays_and_gets_nothing(void**) {
    sync(report(7, 1, 0, 0, 300));
    redis->command({"DEL", keyspace.key(key_id)});
    assert_true(sync(report(7, 2, 100, 0, 50)).outcome() == Outcome::not_found);
    is("paid", 900, 0);
}

void pages_are_complete_and_newest_first(void**) {
    for (int index = 2; index <= 25; index++) {
        top_up(index, "number " + std::to_string(index));
    }
    std::uint64_t before = 0;
    std::uint64_t expected = 25;
    do {
        ListTransactions flow(keyspace, account, 10, before);
        redis->run(flow);
        for (const Transaction& transaction : flow.transactions()) {
            assert_int_equal(transaction.id, expected--);
        }
        before = flow.next_page();
    } while (before != 0);
    assert_int_equal(expected, 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_held_charged_and_released, rich_account),
        cmocka_unit_test_setup(a_report_that_comes_twice_or_late_changes_nothing, rich_account),
        cmocka_unit_test_setup(a_grant_whose_answer_was_lost_is_free_again, rich_account),
        cmocka_unit_test_setup(nobody_gets_more_than_there_is, rich_account),
        cmocka_unit_test_setup(in_advance_only_while_there_is_plenty, rich_account),
        cmocka_unit_test_setup(a_months_limit_comes_back_with_the_month, rich_account),
        cmocka_unit_test_setup(a_hold_that_nobody_speaks_of_counts_as_used, rich_account),
        cmocka_unit_test_setup(a_day_of_a_key_is_one_entry, rich_account),
        cmocka_unit_test_setup(a_reference_counts_once, rich_account),
        cmocka_unit_test_setup(a_key_that_is_gone_pays_and_gets_nothing, rich_account),
        cmocka_unit_test_setup(pages_are_complete_and_newest_first, rich_account),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
