// Wallets, holds and ledgers in a real Redis whose clock the test sets.
#include "store/flows/money_flows.h"

#include "core/text/money.h"
#include "store/flows/account_flows.h"
#include "store/flows/node_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
test::OwnRedis redis;
std::int64_t now_ms = 0; // rich_account: 2027-01-15
constexpr std::uint64_t account = 1;
constexpr std::uint64_t key_id = 5;
constexpr std::int64_t a_day_ms = 86'400'000;
const Node node{"host/1", 62'000};

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

void top_up(std::int64_t amount, const std::string& reference, Outcome expected = Outcome::done) {
    auto flow = ChangeAccount::top_up(keyspace, test::author(), account, amount, reference);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == expected);
}

int rich_account(void**) {
    redis->command({"FLUSHALL"});
    now_ms = 1'800'000'000'000;
    redis.set_clock(now_ms);
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
    report.node = node.name;
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

void what_is_under_way_is_charged_though_its_hold_was_used_up(void**) {
    assert_int_equal(sync(report(7, 1, 0, 0, 100)).granted(), 100);
    sync(report(7, 2, 120, 50)); // one request cost far more than its half; the other is still in flight
    is("beyond what was held", 880, 0);
    assert_true(sync(report(7, 3, 160, 0)).outcome() == Outcome::done);
    is("the other one too", 840, 0);
    assert_true(sync(report(7, 4, 160, 0)).conflict() == Conflict::hold_lost);
}

void a_report_that_comes_twice_or_late_changes_nothing(void**) {
    sync(report(7, 1, 0, 0, 300));
    sync(report(7, 2, 100, 200));
    SyncHold late(keyspace, report(7, 2, 100, 200));
    redis->run(late);
    assert_true(late.outcome() == Outcome::unavailable);
    CHECK(late.reason(), late.reason() == "a later report of this hold has come before");
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
    is("more was used than there was", -1000, 100);
}

void nobody_gets_anything_before_what_is_owed_is_paid(void**) {
    sync(report(7, 1, 0, 0, 300));
    sync(report(7, 2, 1500, 0));
    is("owed", -500, 0);
    const SyncHold refused = sync(report(8, 1, 0, 0, 1));
    assert_true(refused.granted() == 0 && refused.state().shortage == Shortage::wallet && refused.balance() == -500);
    top_up(500, "not enough");
    assert_int_equal(sync(report(9, 1, 0, 0, 1)).granted(), 0);
    top_up(1, "enough");
    assert_int_equal(sync(report(10, 1, 0, 0, 1)).granted(), 1);
    is("paid", 1, 1);
}

void a_keys_unpaid_rest_keeps_it_out_alone(void**) {
    redis->command({"HSET", keyspace.key(key_id), "spend", "200"});
    redis->command({"HSET", keyspace.key(key_id + 1), "ver", "1"});
    sync(report(7, 1, 0, 0, 100));
    sync(report(7, 2, 500, 0));
    assert_true(sync(report(8, 1, 0, 0, 1)).state().shortage == Shortage::key_spend);
    HoldReport other = report(9, 1, 0, 0, 500);
    other.key_id = key_id + 1;
    assert_int_equal(sync(other).granted(), 500);
    is("charged whole", 500, 500);
}

void others_are_asked_once_for_what_would_suffice(void**) {
    redis->command({"HSET", keyspace.key(key_id), "spend", "500"});
    sync(report(6, 1, 0, 0, 100));
    sync(report(6, 2, 50, 0)); // spent
    sync(report(7, 1, 0, 0, 400));
    const struct {
        std::string_view row;
        std::int64_t waiting;
        bool asked_before;
        bool asked;
    } rows[] = {
        {"there is enough", 50, false, false},
        {"others hold it", 450, false, true},
        {"they were asked", 450, true, false},
        {"never", 451, false, false},
    };
    std::uint64_t hold = 8;
    for (const auto& row : rows) {
        HoldReport asking = report(hold, 1, 0, 0, row.waiting);
        asking.others_asked = row.asked_before;
        const SyncHold flow = sync(asking);
        CHECK(row.row, flow.others_asked() == row.asked);
        CHECK(row.row, flow.state().most == (flow.granted() != 0 ? 0 : 450));
        sync(report(hold++, 2, 0, 0));
    }
    CHECK("read", read_wanted("wanted 1 5")->key_id == 5 && read_wanted("wanted 1 0")->account == 1);
    CHECK("others", !read_wanted("5 4 key 1 1") && !read_wanted("wanted 1") && !read_wanted("wanted x 1"));
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

void no_month_begins_twice_where_the_clock_goes_back(void**) {
    redis->command({"HSET", keyspace.key(key_id), "spend", "200"});
    move_clock(month_begin_ms(2027 * 12 + 1) + 1000 - now_ms);
    sync(report(7, 1, 0, 0, 150));
    sync(report(7, 2, 150, 0));
    move_clock(-2000);
    assert_int_equal(sync(report(8, 1, 0, 0, 51)).granted(), 0);
    const Reply stored = redis->command({"HGET", keyspace.spending(account), std::to_string(key_id)});
    assert_int_equal(read_spending(text(stored.get()), now_ms).used, 150);
    move_clock(2000);
    assert_int_equal(sync(report(9, 1, 0, 0, 51)).granted(), 0);
    assert_int_equal(sync(report(10, 1, 0, 0, 50)).granted(), 50);
}

void a_hold_that_nobody_speaks_of_counts_as_used(void**) {
    sync(report(7, 1, 0, 0, 300));
    sync(report(8, 1, 0, 0, 100));
    move_clock(599'000);
    sync(report(8, 2, 0, 100));
    move_clock(2000);
    sync(report(9, 1, 0, 0, 10));
    is("one is charged", 700, 110);
    move_clock(a_day_ms);
    sync(report(9, 2, 0, 10));
    assert_true(sync(report(7, 2, 20, 0)).conflict() == Conflict::hold_lost);
    is("for good after a day", 600, 10);
}

void a_node_that_was_away_settles_what_it_held(void**) {
    const struct {
        std::string_view row;
        std::int64_t away_ms;
        std::int64_t spent;
        std::int64_t needed;
    } rows[] = {
        {"nothing was used", 700'000, 0, 0},
        {"a part was", 700'000, 120, 0},
        {"a part, and a part is still needed", 700'000, 120, 100},
        {"all was", 700'000, 300, 0},
        {"more than was held was", 700'000, 400, 0},
        {"into the next day, and nearly for one", a_day_ms + 500'000, 120, 100},
    };
    for (const auto& row : rows) {
        rich_account(nullptr);
        redis->command({"HSET", keyspace.key(key_id), "spend", "5000"});
        sync(report(7, 1, 0, 0, 300));
        move_clock(650'000);
        sync(report(8, 1, 0, 0, 10));
        is(row.row, 700, 10);
        move_clock(row.away_ms - 650'000);
        sync(report(8, 2, 0, 0));
        assert_true(sync(report(7, 2, row.spent, row.needed)).outcome() == Outcome::done);
        is(row.row, 1000 - row.spent, row.needed);
        sync(report(7, 3, row.spent, 0));
        is(row.row, 1000 - row.spent, 0);
        const Reply stored = redis->command({"HGET", keyspace.spending(account), std::to_string(key_id)});
        const SpendState spend = read_spending(text(stored.get()), now_ms);
        CHECK(row.row, spend.used == row.spent && spend.held == 0);
    }
}

void a_hold_of_a_node_that_lives_does_not_end(void**) {
    sync(report(7, 1, 0, 0, 300));
    const auto heartbeat = [] {
        Heartbeat flow(keyspace, node, 0);
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
    };
    HoldReport other = report(8, 1, 0, 0, 10);
    other.node = "host/2";
    for (int index = 0; index < 3; index++) {
        move_clock(650'000);
        heartbeat();
        sync(other);
        other.number++;
        is("held", 1000, 310);
        other.waiting = other.first = other.wanted = 0;
        other.needed = 10;
    }
    move_clock(650'000);
    sync(other);
    is("not heard of any more", 700, 10);
}

void what_is_no_number_opens_nothing(void**) {
    for (const char* field : {"balance", "held", "added", "base"}) {
        for (const char* value : {"nan", "inf", "1e3", "0x10", "99999999999999999", ""}) {
            rich_account(nullptr);
            redis->command({"HSET", keyspace.wallet(account), field, value});
            SyncHold flow(keyspace, report(7, 1, 0, 0, 1));
            redis->run(flow);
            CHECK(value, flow.outcome() == Outcome::unavailable && flow.granted() == 0);
        }
    }
    rich_account(nullptr);
    redis->command({"HSET", keyspace.key(key_id), "spend", "nan"});
    SyncHold flow(keyspace, report(7, 1, 0, 0, 1));
    redis->run(flow);
    CHECK("limit", flow.outcome() == Outcome::unavailable);
}

void a_balance_stays_exact(void**) {
    for (int index = 0; index < 8; index++) {
        top_up(money_max_micro, "large " + std::to_string(index));
    }
    is("8e9 credits and a bit", 8 * money_max_micro + 1000, 0);
    top_up(money_max_micro, "too much", Outcome::conflict);
    top_up(money_max_micro - 1000, "just that");
    is("the most", max_balance_micro, 0);
    sync(report(7, 1, 0, 0, 1));
    sync(report(7, 2, 1, 0));
    is("to the last of them", max_balance_micro - 1, 0);
}

void a_key_that_was_deleted_leaves_nothing(void**) {
    const auto fields = [](const std::string& hash) {
        const Reply reply = redis->command({"HLEN", hash});
        return reply->integer;
    };
    for (const bool in_use : {false, true}) {
        rich_account(nullptr);
        KeyRecord record;
        record.account = account;
        record.type = "proxy";
        record.name = "k";
        record.prefix = "ms-01234";
        record.digest = *sha256("secret");
        record.pepper_version = 1;
        CreateKey made(keyspace, test::author(), record, std::nullopt);
        redis->run(made);
        CHECK(made.reason(), made.outcome() == Outcome::done);
        const std::uint64_t id = made.id();
        redis->command({"HSET", keyspace.key(id), "spend", "100"});
        HoldReport of_it = report(7, 1, 0, 0, 90);
        of_it.key_id = id;
        sync(of_it);
        assert_int_equal(fields(keyspace.alert_levels()), 0); // what is held is not spent
        of_it = report(7, 2, 80, 10);
        of_it.key_id = id;
        sync(of_it);
        assert_int_equal(fields(keyspace.alert_levels()), 1);
        of_it = report(7, 3, 90, 0);
        of_it.key_id = id;
        if (!in_use) {
            sync(of_it);
        }
        DeleteKey deleted(keyspace, test::author(), {account, {"proxy"}}, id, false);
        redis->run(deleted);
        CHECK(deleted.reason(), deleted.outcome() == Outcome::done);
        if (in_use) {
            assert_int_equal(fields(keyspace.spending(account)), 1);
            sync(of_it);
        }
        assert_int_equal(fields(keyspace.spending(account)), 0);
        assert_int_equal(fields(keyspace.alert_levels()), 0);
        is("paid", 910, 0);
    }
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
        cmocka_unit_test_setup(what_is_under_way_is_charged_though_its_hold_was_used_up, rich_account),
        cmocka_unit_test_setup(a_report_that_comes_twice_or_late_changes_nothing, rich_account),
        cmocka_unit_test_setup(a_grant_whose_answer_was_lost_is_free_again, rich_account),
        cmocka_unit_test_setup(nobody_gets_more_than_there_is, rich_account),
        cmocka_unit_test_setup(nobody_gets_anything_before_what_is_owed_is_paid, rich_account),
        cmocka_unit_test_setup(a_keys_unpaid_rest_keeps_it_out_alone, rich_account),
        cmocka_unit_test_setup(others_are_asked_once_for_what_would_suffice, rich_account),
        cmocka_unit_test_setup(no_month_begins_twice_where_the_clock_goes_back, rich_account),
        cmocka_unit_test_setup(a_node_that_was_away_settles_what_it_held, rich_account),
        cmocka_unit_test_setup(a_hold_of_a_node_that_lives_does_not_end, rich_account),
        cmocka_unit_test_setup(what_is_no_number_opens_nothing, rich_account),
        cmocka_unit_test_setup(a_balance_stays_exact, rich_account),
        cmocka_unit_test_setup(a_key_that_was_deleted_leaves_nothing, rich_account),
        cmocka_unit_test_setup(in_advance_only_while_there_is_plenty, rich_account),
        cmocka_unit_test_setup(a_months_limit_comes_back_with_the_month, rich_account),
        cmocka_unit_test_setup(a_hold_that_nobody_speaks_of_counts_as_used, rich_account),
        cmocka_unit_test_setup(a_day_of_a_key_is_one_entry, rich_account),
        cmocka_unit_test_setup(a_reference_counts_once, rich_account),
        cmocka_unit_test_setup(a_key_that_is_gone_pays_and_gets_nothing, rich_account),
        cmocka_unit_test_setup(pages_are_complete_and_newest_first, rich_account),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
