// Rolling windows in a real Redis whose clock the test sets, against a model that remembers every request.
#include <deque>
#include <random>

#include "store/flows/account_flows.h"
#include "store/flows/allowance_flows.h"
#include "store/flows/key_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

const Keyspace keyspace("ak:");
test::OwnRedis redis;
std::int64_t now_ms = 1'800'000'000'000;
LimitedKey key;

void move_clock(std::int64_t by_ms) {
    now_ms += by_ms;
    redis.set_clock(now_ms);
}

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

void make_key(const Quotas& quotas, const Rates& rates = {}) {
    redis->command({"FLUSHALL"});
    CreateAccount account(keyspace, test::author(), "acme", "", "random");
    redis->run(account);
    KeyRecord draft;
    draft.account = account.id();
    draft.name = "limited";
    draft.type = "proxy";
    draft.prefix = "ms-01234";
    draft.digest = *sha256("secret");
    draft.pepper_version = 1;
    draft.quotas = quotas;
    CreateKey creating(keyspace, test::author(), draft, std::nullopt);
    redis->run(creating);
    key = {creating.id(), account.id(), 1, rates};
}

Grant ask(std::uint32_t waiting, std::uint32_t wanted) {
    Grant flow(keyspace, key, waiting, wanted);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow;
}

WindowState state(Window window) {
    Grant flow(keyspace, key, 0, 0);
    redis->run(flow);
    return flow.states()[static_cast<std::size_t>(window)];
}

void give_back(const Grant& grant, std::uint32_t requests) {
    GiveBack flow(keyspace, {{key.id, key.account, requests, grant.store_now_ms(), grant.charged()}});
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
}

struct Rolling {
    Window window;
    std::int64_t length_ms;
    std::int64_t bucket_ms;
    std::int64_t max_step_ms;
};

constexpr std::array<Rolling, 5> rolling_windows{{
    {Window::second, second_ms, 100, 700},
    {Window::minute, minute_ms, second_ms, 40 * second_ms},
    {Window::daily, day_ms, 5 * minute_ms, 16 * hour_ms},
    {Window::weekly, 7 * day_ms, hour_ms, 4 * day_ms},
    {Window::monthly, 30 * day_ms, hour_ms, 20 * day_ms},
}};

void make_key_with(Window window, std::int64_t limit) {
    Quotas quotas;
    Rates rates;
    (window == Window::second   ? rates.per_second
     : window == Window::minute ? rates.per_minute
     : window == Window::daily  ? quotas.daily
     : window == Window::weekly ? quotas.weekly
                                : quotas.monthly) = limit;
    make_key(quotas, rates);
}

struct Charge {
    std::int64_t at_ms;
    std::int64_t requests;
};

// Requests within `length_ms` before now.
std::int64_t sum(const std::deque<Charge>& charges, std::int64_t length_ms) {
    std::int64_t total = 0;
    for (const Charge& charge : charges) {
        total += charge.at_ms > now_ms - length_ms ? charge.requests : 0;
    }
    return total;
}

void never_passes_a_limit_and_gives_room_back_in_time(void**) {
    for (const Rolling& rolling : rolling_windows) {
        const std::string row(window_name(rolling.window));
        constexpr std::int64_t limit = 50;
        make_key_with(rolling.window, limit);
        std::mt19937_64 random(42);
        std::deque<Charge> charges;
        for (int step = 0; step < 600; step++) {
            const bool leap = random() % 8 == 0;
            const std::int64_t most = leap ? rolling.max_step_ms : rolling.max_step_ms / 20;
            move_clock(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most)));
            const auto waiting = static_cast<std::uint32_t>(random() % 20 + 1);
            const std::int64_t before = sum(charges, rolling.length_ms);
            const std::int64_t counted_at_most = sum(charges, rolling.length_ms + rolling.bucket_ms);
            const Grant grant = ask(waiting, waiting);
            CHECK(row, before + grant.granted() <= limit);
            CHECK(row, grant.granted() >= std::min<std::int64_t>(waiting, limit - counted_at_most));
            CHECK(row, grant.refusing().has_value() == (grant.granted() < waiting));
            const std::uint32_t unused = grant.granted() > 0 && random() % 4 == 0 ? grant.granted() / 2 : 0;
            if (unused != 0) {
                give_back(grant, unused);
            }
            charges.push_back({now_ms, static_cast<std::int64_t>(grant.granted() - unused)});
        }
    }
}

void says_when_there_is_room_again(void**) {
    for (const Rolling& rolling : rolling_windows) {
        const std::string row(window_name(rolling.window));
        make_key_with(rolling.window, 10);
        CHECK(row, ask(6, 6).granted() == 6);
        move_clock(rolling.length_ms / 3);
        CHECK(row, ask(6, 6).granted() == 4);
        const Grant refused = ask(1, 1);
        CHECK(row, refused.granted() == 0);
        CHECK(row, refused.refusing() == rolling.window);
        const std::int64_t reset_ms = refused.states()[static_cast<std::size_t>(rolling.window)].reset_ms;
        CHECK(row, reset_ms > now_ms && reset_ms <= now_ms + rolling.length_ms + rolling.bucket_ms);
        move_clock(reset_ms - now_ms - 1);
        CHECK(row, ask(1, 1).granted() == 0);
        move_clock(1);
        CHECK(row, ask(7, 7).granted() == 6);
        move_clock(3 * rolling.length_ms);
        CHECK(row, state(rolling.window).used == 0);
        CHECK(row, ask(20, 20).granted() == 10);
    }
}

void counts_all_or_nothing(void**) {
    Quotas quotas;
    quotas.total = 100;
    quotas.daily = 7;
    quotas.weekly = 5;
    make_key(quotas, {3, std::nullopt});
    const Grant first = ask(4, 4);
    assert_int_equal(first.granted(), 3);
    assert_true(first.refusing() == Window::second);
    move_clock(2 * second_ms);
    assert_int_equal(ask(4, 4).granted(), 2);
    const Grant refused = ask(1, 1);
    assert_int_equal(refused.granted(), 0);
    assert_true(refused.refusing() == Window::weekly);
    for (const Window window : {Window::total, Window::daily, Window::weekly}) {
        CHECK(std::string(window_name(window)), state(window).used == 5);
    }
    CHECK("a refused request takes nothing of the rate", state(Window::second).used == 2);
}

void takes_little_in_advance_near_a_limit(void**) {
    Quotas quotas;
    quotas.total = 1000;
    make_key(quotas);
    assert_int_equal(ask(1, 4000).granted(), 125);
    std::uint32_t all = 125;
    for (int round = 0; round < 1000 && all < 1000; round++) {
        all += ask(1, 4000).granted();
    }
    assert_int_equal(all, 1000);
    assert_int_equal(ask(1, 4000).granted(), 0);
    CHECK("never again", state(Window::total).reset_ms == 0);
}

void takes_back_what_no_replica_has_taken(void**) {
    Quotas quotas{100, {}, {}, {}};
    make_key(quotas);
    const Grant kept = ask(10, 10);
    const Grant lost = ask(7, 7);
    CHECK("", kept.has_counted() && lost.has_counted());
    const std::unique_ptr<Flow> back = lost.undo();
    redis->run(*back);
    CHECK(back->reason(), back->outcome() == Outcome::done && state(Window::total).used == 10);

    quotas = {0, {}, {}, {}};
    make_key(quotas);
    const Grant refused = ask(1, 1);
    CHECK("", !refused.has_counted() && refused.undo() == nullptr);
}

void gives_back_to_the_bucket_that_was_charged(void**) {
    Quotas quotas;
    quotas.daily = 10;
    make_key(quotas);
    const Grant early = ask(10, 10);
    move_clock(day_ms / 2);
    give_back(early, 4);
    assert_int_equal(state(Window::daily).used, 6);
    assert_int_equal(ask(9, 9).granted(), 4);
    move_clock(day_ms / 2 + 5 * minute_ms);
    assert_int_equal(state(Window::daily).used, 4);
    give_back(early, 6);
    assert_int_equal(state(Window::daily).used, 4);
}

void tells_those_who_were_refused(void**) {
    Quotas quotas;
    quotas.total = 5;
    make_key(quotas);
    const auto sequence = [] {
        const Reply reply = redis->command({"GET", keyspace.sequence()});
        return std::string(text(reply.get()));
    };
    const Grant held = ask(5, 5);
    give_back(held, 1);
    CHECK_TEXT("nobody was refused", sequence(), "");
    ask(1, 1);
    assert_int_equal(ask(1, 1).granted(), 0);
    give_back(held, 1);
    const std::string told = sequence();
    CHECK("somebody was", !told.empty());
    give_back(held, 1);
    CHECK_TEXT("once", sequence(), told);
}

void stands_still_when_the_clock_goes_back(void**) {
    Quotas quotas;
    quotas.daily = 10;
    make_key(quotas, {std::nullopt, 10});
    assert_int_equal(ask(6, 6).granted(), 6);
    move_clock(-hour_ms);
    assert_int_equal(ask(6, 6).granted(), 4);
    assert_int_equal(ask(1, 1).granted(), 0);
    move_clock(hour_ms);
}

void refuses_what_is_not_what_it_was(void**) {
    Quotas quotas;
    quotas.daily = 10;
    make_key(quotas);
    ask(1, 1);
    key.version = 2;
    Grant changed(keyspace, key, 1, 1);
    redis->run(changed);
    assert_true(changed.outcome() == Outcome::conflict && changed.conflict() == Conflict::record_changed);
    key.version = 1;
    for (const auto& [name, value] : {std::pair(keyspace.day(key.id), "short"), std::pair(keyspace.day(key.id), "")}) {
        redis->command({"SET", name, value});
        Grant malformed(keyspace, key, 1, 1);
        redis->run(malformed);
        CHECK(value, malformed.outcome() == Outcome::unavailable);
    }
    redis->command({"DEL", keyspace.day(key.id)});
    redis->command({"HSET", keyspace.key(key.id), "daily", ""});
    Grant no_number(keyspace, key, 1, 1);
    redis->run(no_number);
    assert_true(no_number.outcome() == Outcome::unavailable);
    redis->command({"DEL", keyspace.key(key.id)});
    Grant gone(keyspace, key, 1, 1);
    redis->run(gone);
    assert_true(gone.outcome() == Outcome::not_found);
}

void takes_little_memory(void**) {
    Quotas quotas;
    quotas.total = quotas.daily = quotas.weekly = quotas.monthly = 1'000'000'000;
    make_key(quotas);
    for (std::int64_t passed = 0; passed < 31 * day_ms; passed += hour_ms) {
        move_clock(hour_ms);
        ask(1, 1);
    }
    for (std::int64_t passed = 0; passed < day_ms; passed += 5 * minute_ms) {
        move_clock(5 * minute_ms);
        ask(1, 1);
    }
    long long bytes = 0;
    for (const std::string& name : {keyspace.key(key.id), keyspace.day(key.id), keyspace.hour(key.id)}) {
        const Reply reply = redis->command({"MEMORY", "USAGE", name});
        bytes += reply->integer;
    }
    print_message("%lld bytes of Redis for a key that used all windows\n", bytes);
    CHECK("memory", bytes <= 6 * 1024);
}

// What a node held for an outage and spent in it, after its buckets had ended.
void requests_made_in_an_outage_count_from_then_on(void**) {
    make_key_with(Window::daily, 100);
    const Grant reserve = ask(0, 10);
    CHECK("held", reserve.granted() == 10);
    move_clock(17 * minute_ms);
    Grant settling(keyspace, key, 0, 0, {key.id, key.account, 4, reserve.store_now_ms(), reserve.charged(), 6});
    redis->run(settling);
    CHECK(settling.reason(), settling.outcome() == Outcome::done);
    CHECK("four came back", state(Window::daily).used == 6);
    move_clock(day_ms - 8 * minute_ms);
    CHECK("those of the outage are still in the window", state(Window::daily).used == 6);
    move_clock(14 * minute_ms);
    CHECK("a day after the outage they have left it", state(Window::daily).used == 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(never_passes_a_limit_and_gives_room_back_in_time),
        cmocka_unit_test(says_when_there_is_room_again),
        cmocka_unit_test(counts_all_or_nothing),
        cmocka_unit_test(takes_little_in_advance_near_a_limit),
        cmocka_unit_test(takes_back_what_no_replica_has_taken),
        cmocka_unit_test(gives_back_to_the_bucket_that_was_charged),
        cmocka_unit_test(tells_those_who_were_refused),
        cmocka_unit_test(stands_still_when_the_clock_goes_back),
        cmocka_unit_test(refuses_what_is_not_what_it_was),
        cmocka_unit_test(takes_little_memory),
        cmocka_unit_test(requests_made_in_an_outage_count_from_then_on),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
