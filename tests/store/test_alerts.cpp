// When an operator is alerted of a limit, and which one of all workers sends the alert, in a real Redis whose clock the test sets.
#include "store/flows/alert_flows.h"

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

constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;
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

LimitedKey make_key(const Quotas& quotas, std::int64_t expires_ms = 0) {
    redis->command({"FLUSHALL"});
    redis.set_clock(start_ms);
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
    draft.expires_ms = expires_ms;
    CreateKey creating(keyspace, test::author(), draft, std::nullopt);
    redis->run(creating);
    return {creating.id(), account.id(), 1, {}};
}

std::optional<StoredAlert> take(const std::string& worker = "one") {
    TakeAlert flow(keyspace, worker);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.alert();
}

// Removes the oldest alert and returns its threshold; empty if there is none.
std::string threshold() {
    const std::optional<StoredAlert> alert = take();
    if (!alert) {
        return "";
    }
    DropAlert drop(keyspace, alert->id);
    redis->run(drop);
    return alert->fields.at("threshold");
}

void tells_of_each_crossing_once(void**) {
    Quotas quotas;
    quotas.total = 100;
    const LimitedKey key = make_key(quotas);
    std::int64_t used = 0;
    struct Step {
        std::int64_t used;
        const char* threshold;
    };
    constexpr std::array<Step, 16> steps{{{79, ""},
                                          {80, "80"},
                                          {81, ""},
                                          {99, ""},
                                          {100, "100"},
                                          {96, ""},  // not low enough …
                                          {100, ""}, // … for a second alert of the same threshold
                                          {93, ""},
                                          {100, "100"},
                                          {76, ""},
                                          {82, ""},
                                          {73, ""},
                                          {79, ""},
                                          {80, "80"},
                                          {10, ""},
                                          {100, "100"}}};
    for (const Step& step : steps) {
        const std::int64_t change = step.used - used;
        const auto more = static_cast<std::uint32_t>(std::max<std::int64_t>(change, 0));
        Unused unused{key.id, key.account, static_cast<std::uint32_t>(std::max<std::int64_t>(-change, 0)), start_ms, 4};
        // only a grant for waiting requests reports the limits: on the way down, one more is made
        Grant grant(keyspace, key, more, more, unused);
        redis->run(grant);
        if (change < 0) {
            Grant look(keyspace, key, 1, 1);
            redis->run(look);
            Grant back(keyspace, key, 0, 0, {key.id, key.account, 1, start_ms, 4});
            redis->run(back);
        }
        used = step.used;
        CHECK_TEXT(std::to_string(step.used), threshold(), step.threshold);
        CHECK(std::to_string(step.used), threshold().empty());
    }
}

void one_worker_has_the_lease(void**) {
    Quotas quotas;
    quotas.total = 1;
    const LimitedKey key = make_key(quotas);
    Grant grant(keyspace, key, 1, 1);
    redis->run(grant);
    const std::optional<StoredAlert> first = take("one");
    CHECK("the first has it", first && first->at_ms() == start_ms);
    CHECK("the second has not", !take("two"));
    redis.set_clock(start_ms + TakeAlert::lease_ms - 1);
    CHECK("asking renews it", take("one")->id == first->id);
    redis.set_clock(start_ms + TakeAlert::lease_ms + 1);
    CHECK("it is renewed", !take("two"));
    redis.set_clock(start_ms + 3 * TakeAlert::lease_ms);
    CHECK("who is silent loses it", take("two")->id == first->id && !take("one"));
    DropAlert drop(keyspace, first->id);
    redis->run(drop);
    CHECK("what is dropped is gone", !take("two"));
}

void tells_of_keys_that_expire_within_a_week(void**) {
    make_key({}, start_ms + 8 * day_ms);
    CHECK("not yet", !take());
    redis.set_clock(start_ms + day_ms + 1);
    const std::optional<StoredAlert> alert = take();
    CHECK("now", alert && alert->fields.at("type") == "key.expiring");
    CHECK_TEXT("whose", alert->fields.at("accountName") + " " + alert->fields.at("keyName"), "acme limited");
    CHECK_TEXT("when", alert->fields.at("expires"), std::to_string(start_ms + 8 * day_ms));
    DropAlert drop(keyspace, alert->id);
    redis->run(drop);
    CHECK("once", !take());
}

void says_nothing_of_keys_that_have_expired(void**) {
    make_key({}, start_ms + 8 * day_ms);
    redis.set_clock(start_ms + 9 * day_ms);
    CHECK("too late", !take());
}

void an_emptied_store_is_unavailable(void**) {
    make_key({});
    redis->command({"FLUSHALL"});
    TakeAlert flow(keyspace, "one");
    redis->run(flow);
    CHECK("empty", flow.outcome() == Outcome::unavailable);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_each_crossing_once),
        cmocka_unit_test(one_worker_has_the_lease),
        cmocka_unit_test(tells_of_keys_that_expire_within_a_week),
        cmocka_unit_test(says_nothing_of_keys_that_have_expired),
        cmocka_unit_test(an_emptied_store_is_unavailable),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
