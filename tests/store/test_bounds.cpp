// The bounds of what one account can do and ask for: changes, keys, entries of the log, names, and the bytes of every reply.
#include <algorithm>
#include <cstring>

#include "core/logs/logged_request.h"
#include "store/flows/account_flows.h"
#include "store/flows/alert_flows.h"
#include "store/flows/audit_flows.h"
#include "store/flows/block_flows.h"
#include "store/flows/key_flows.h"
#include "store/flows/list_flow.h"
#include "store/flows/request_flows.h"
#include "store/flows/series_flow.h"
#include "store/replies.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
test::OwnRedis redis;
std::int64_t clock_ms = 1'800'000'000'000;
unsigned digests = 0;

int start(void**) {
    return redis.start(true) ? 0 : -1;
}

int shut_down(void**) {
    redis.shut_down();
    return 0;
}

KeyRecord draft(const std::string& name) {
    KeyRecord draft;
    draft.account = 1;
    draft.type = "proxy";
    draft.name = name;
    draft.prefix = "ms-aaaaa";
    digests++;
    std::memcpy(draft.digest.data(), &digests, sizeof digests);
    return draft;
}

int account_with_a_key(void**) {
    redis.set_clock(clock_ms);
    redis->command({"FLUSHALL"});
    CreateAccount made(keyspace, test::author(), "acme", "", "random");
    redis->run(made);
    CreateKey key(keyspace, test::author(), draft("first"), std::nullopt);
    redis->run(key);
    return key.outcome() == Outcome::done ? 0 : -1;
}

Author paced(std::int64_t interval_ms, std::uint32_t burst) {
    Author author = test::author();
    author.pace = {interval_ms, burst};
    return author;
}

KeyChange renamed(const std::string& name) {
    KeyChange change;
    change.name = name;
    return change;
}

Conflict rename(const Author& author) {
    static int number = 0;
    UpdateKey update(keyspace, author, {}, 1, renamed("name " + std::to_string(number++)));
    redis->run(update);
    CHECK(update.reason(), update.reason().empty());
    if (update.conflict() == Conflict::too_often) {
        CHECK("says when to come back", update.wait_ms() > 0 && update.wait_ms() <= author.pace.interval_ms);
    }
    return update.conflict();
}

std::uint64_t entries_of(std::uint64_t account) {
    return static_cast<std::uint64_t>(redis->command({"XLEN", keyspace.audit(account)})->integer);
}

void changes_have_a_pace(void**) {
    const Author author = paced(1000, 3);
    const std::uint64_t before = entries_of(1);
    for (int number = 0; number < 3; number++) {
        CHECK("at once", rename(author) == Conflict::none);
    }
    CHECK("too often", rename(author) == Conflict::too_often && rename(author) == Conflict::too_often);
    CreateKey create(keyspace, author, draft("more"), std::nullopt);
    redis->run(create);
    CHECK("a new key counts", create.conflict() == Conflict::too_often);
    assert_int_equal(entries_of(1) - before, 3);
    CHECK("the operator may", rename(test::author()) == Conflict::none);

    KeyChange off;
    off.active = false;
    UpdateKey disable(keyspace, author, {}, 1, off);
    redis->run(disable);
    CHECK("to disable a key", disable.outcome() == Outcome::done);
    KeyChange on;
    on.active = true;
    UpdateKey enable(keyspace, author, {}, 1, on);
    redis->run(enable);
    CHECK("not to enable it", enable.conflict() == Conflict::too_often);

    redis.set_clock(clock_ms + 1000);
    CHECK("one more", rename(author) == Conflict::none && rename(author) == Conflict::too_often);
    redis.set_clock(clock_ms + 3'600'000);
    for (int number = 0; number < 3; number++) {
        CHECK("all again, no more", rename(author) == Conflict::none);
    }
    CHECK("no more", rename(author) == Conflict::too_often);
    redis.set_clock(clock_ms); // another server, whose clock is behind
    CHECK("not yet", rename(author) == Conflict::too_often);
    redis.set_clock(clock_ms + 1000);
    CHECK("but soon", rename(author) == Conflict::none);
    DeleteKey remove(keyspace, author, {}, 1, false);
    redis->run(remove);
    CHECK("to delete a key", remove.outcome() == Outcome::done);
}

void an_account_has_so_many_keys(void**) {
    const auto create = [](std::size_t most) {
        CreateKey key(keyspace, test::author(), draft("another"), std::nullopt, 0, {most, {"proxy", "billing"}});
        redis->run(key);
        return key.conflict();
    };
    CHECK("the second", create(2) == Conflict::none);
    CHECK("the third", create(2) == Conflict::too_many);
    CHECK("any", create(0) == Conflict::none);
    DeleteKey first(keyspace, test::author(), {}, 1, false);
    redis->run(first);
    CHECK("still two", create(2) == Conflict::too_many);
    CHECK("of three", create(3) == Conflict::none);
}

std::vector<std::string> long_names(char letter) {
    std::vector<std::string> names;
    for (int number = 0; number < 100; number++) {
        names.push_back(std::to_string(number) + std::string(193, letter));
    }
    return names;
}

void an_entry_is_small(void**) {
    KeyChange change;
    change.models = long_names('a');
    change.category = std::string(64, 'c');
    change.name = std::string(255, 'n');
    for (const char letter : {'a', 'b'}) {
        change.models = long_names(letter);
        UpdateKey update(keyspace, test::author(), {}, 1, change);
        redis->run(update);
    }
    const Reply entries = redis->command({"XRANGE", keyspace.audit(1), "4", "4"});
    const std::string entry(text(entries->element[0]->element[1]->element[1]));
    CHECK(std::to_string(entry.size()), entry.size() < 8192);
    const std::string models = entry.substr(entry.find("\"models\""));
    CHECK(models, models.starts_with(R"("models":{"count":100,"sha256":")"));
    CHECK("before and after differ", models.substr(0, 90) != entry.substr(entry.rfind("\"models\""), 90));
    VerifyAudit verify(keyspace, test::peppers(), 1, 0);
    redis->run(verify);
    CHECK_TEXT("it is signed as it stands", verify.chain().problem(), "");
}

std::size_t bytes_of(const redisReply* reply) {
    std::size_t bytes = text(reply).size();
    for (std::size_t index = 0; is_array(reply) && index < reply->elements; index++) {
        bytes += bytes_of(reply->element[index]);
    }
    return bytes;
}

// Runs a flow and returns the bytes of its largest step.
std::size_t max_step(Flow& flow) {
    std::size_t largest = 0;
    std::vector<Reply> replies;
    for (std::vector<Command> commands = flow.next(replies); !commands.empty(); commands = flow.next(replies)) {
        std::size_t bytes = 0;
        replies.clear();
        for (const Command& command : commands) {
            replies.push_back(redis->command(command));
            bytes += bytes_of(replies.back().get());
        }
        largest = std::max(largest, bytes);
    }
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return largest;
}

void large_entries_are_read_a_few_at_a_time(void**) {
    for (int number = 10; number < 110; number++) {
        redis->command(
            {"XADD", keyspace.audit(1), std::to_string(number) + "-0", "entry", "{\"x\":\"" + std::string(40'000, 'x') + "\"}", "mac", ""});
    }
    ListAudit list(keyspace, 1, {}, 1000, 0);
    const std::size_t listed = max_step(list);
    CHECK(std::to_string(listed), listed < 200'000);
    std::size_t page = 0;
    for (const std::string& entry : list.entries()) {
        page += entry.size();
    }
    CHECK("a page ends", page < 1'200'000 && list.next_page() != 0);
    VerifyAudit verify(keyspace, test::peppers(), 1, 0);
    const std::size_t verified = max_step(verify);
    CHECK(std::to_string(verified), verified < 200'000);
}

LoggedRequest request() {
    LoggedRequest request{};
    request.account = 1;
    request.key_id = 1;
    request.at_ms = clock_ms;
    set_texts(request, {"GET", "0123456789abcdef", "", "/" + std::string(300, 'x')});
    return request;
}

void large_batches_are_read_a_few_at_a_time(void**) {
    const auto log = [](std::uint64_t number, std::size_t count) {
        PackedRequests packed{count, {}};
        for (std::size_t index = 0; index < count; index++) {
            pack(request(), packed.packed);
        }
        LogRequests flow(keyspace, {"sender", number}, {{1, packed}}, {1'000'000, 3'600'000});
        redis->run(flow);
    };
    for (std::uint64_t number = 1; number <= 60; number++) {
        log(number, number <= 40 ? 512 : 1); // then small batches
    }
    RequestLogFilter filter;
    filter.request_id = "none of them";
    ListRequests list(keyspace, 1, filter, 1000, {}, [](const RequestLogEntry&) {});
    const std::size_t largest = max_step(list);
    CHECK(std::to_string(largest), largest < 32 * 1024 + 512 * 480);
    CHECK("not to the end", !list.next_page().empty());
}

void large_keys_are_read_a_few_at_a_time(void**) {
    for (int number = 0; number < 200; number++) {
        KeyRecord key = draft("key " + std::to_string(number));
        key.models = long_names('m');
        CreateKey create(keyspace, test::author(), key, std::nullopt);
        redis->run(create);
    }
    std::size_t seen = 0;
    std::uint64_t before = 0;
    do {
        ListKeys list(keyspace, 1, {{"proxy"}, {}, {}, {}}, 1000, before);
        const std::size_t largest = max_step(list);
        CHECK(std::to_string(largest), largest < 160'000);
        std::size_t page = 0;
        for (const std::string& key : list.keys()) {
            page += key.size();
        }
        CHECK(std::to_string(page), page < 1'100'000);
        seen += list.keys().size();
        before = list.next_page();
    } while (before != 0);
    assert_int_equal(seen, 201);
}

void counters_are_read_some_at_a_time(void**) {
    constexpr std::int64_t today = 1'800'000'000'000 / 86'400'000;
    for (int bucket = 0; bucket < 3; bucket++) {
        Command command{"HSET", keyspace.counter(1, UsageGroup::key, UsageBucket::day, today - bucket)};
        for (int key = 1; key <= 13'000; key++) {
            command.insert(command.end(),
                           {"n:" + std::to_string(key), std::to_string(key == 777 ? 50'000 : key), "c:" + std::to_string(key), "5"});
        }
        redis->command(command);
    }
    SeriesQuery query;
    query.range = *UsageRange::of(UsageBucket::day, 0, 0, 1'800'000'000'000);
    query.most = 2;
    ReadSeries series(keyspace, 1, query);
    const std::size_t largest = max_step(series);
    CHECK(std::to_string(largest), largest < 100'000);
    assert_int_equal(series.series().size(), 2);
    CHECK("the busiest", series.series()[0].name == "777" && series.series()[0].total.requests == 150'000);
    CHECK("the next", series.series()[1].name == "13000" && series.series()[1].total.cost_micro_credits == 15);
    CHECK(series.series()[0].points, std::count(series.series()[0].points.begin(), series.series()[0].points.end(), '{') == 6);

    redis->command({"HSET", keyspace.key(13), "type", "proxy", "cat", "web"});
    redis->command({"HSET", keyspace.key(12), "type", "proxy", "cat", "web"});
    query.label.category = "web";
    ReadSeries web(keyspace, 1, query);
    max_step(web);
    CHECK("of a category", web.series().size() == 2 && web.series()[0].name == "13" && web.series()[1].name == "12");
    query.only = {"12"};
    query.every_bucket = true;
    ReadSeries one(keyspace, 1, query);
    max_step(one);
    CHECK("every bucket", std::count(one.series()[0].points.begin(), one.series()[0].points.end(), '{') == 60);
}

std::size_t names_in(UsageGroup group) {
    const Reply fields = redis->command({"HKEYS", keyspace.counter(1, group, UsageBucket::hour, clock_ms / 3'600'000)});
    std::size_t count = 0;
    for (std::size_t index = 0; index < fields->elements; index++) {
        count += text(fields->element[index]).starts_with("n:") ? 1 : 0;
    }
    return count;
}

void names_are_a_hundred(void**) {
    for (std::uint64_t round = 0; round < 15; round++) {
        std::vector<std::pair<std::uint64_t, KeyUse>> uses;
        for (std::uint64_t number = round * 10; number < round * 10 + 10; number++) {
            KeyUse use;
            use.account = 1;
            use.category = "category " + std::to_string(number);
            use.counts = {number % 2 == 0 ? 1 : 0, 0, 0, 0, {}};
            use.counts.refused[static_cast<std::size_t>(Reason::rate_limited)] = 1;
            use.models = {{"model " + std::to_string(number), {1, 2, 3, 4, {}}}, {"model 0", {1, 0, 0, 0, {}}}};
            uses.emplace_back(1, use);
        }
        CountRequests flow(keyspace, {"names", round + 1}, uses, clock_ms);
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
    }
    assert_int_equal(names_in(UsageGroup::model), 100);
    assert_int_equal(names_in(UsageGroup::category), 100);
    SeriesQuery query;
    query.range = *UsageRange::of(UsageBucket::hour, clock_ms, clock_ms + 1, clock_ms);
    query.group = UsageGroup::model;
    query.most = 1000;
    ReadSeries series(keyspace, 1, query);
    redis->run(series);
    std::int64_t all = 0;
    for (const NamedSeries& one : series.series()) {
        all += one.total.requests;
    }
    assert_int_equal(all, 300);
    CHECK("known once", series.series()[0].name == "model 0" && series.series()[0].total.requests == 151);
}

std::string verified(const std::string& anchor = {}, std::uint64_t most = 0) {
    VerifyAudit flow(keyspace, test::peppers(), 1, most, anchor);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == Outcome::done);
    return flow.chain().problem().empty() ? "good" : flow.chain().problem();
}

void a_trimmed_log_is_still_a_chain(void**) {
    const auto trim = [](std::uint64_t kept) {
        TrimAudit flow(keyspace, test::author(), 1, kept);
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
    };
    redis->command({"CONFIG", "SET", "stream-node-max-entries", "1"});
    for (int number = 0; number < 8; number++) {
        rename(test::author());
    }
    VerifyAudit whole(keyspace, test::peppers(), 1, 0);
    redis->run(whole);
    const std::string head = head_text(whole.chain().last()); // of entry 10
    trim(3);
    assert_int_equal(entries_of(1), 4);
    CHECK_TEXT("from there on", verified(), "good");
    CHECK_TEXT("its newest", verified({}, 2), "good");
    CHECK_TEXT("has its end of then", verified(head), "good");
    trim(100);
    rename(test::author());
    trim(2);
    CHECK_TEXT("once more", verified(), "good");
    const Reply entry = redis->command({"XREVRANGE", keyspace.audit(1), "+", "-", "COUNT", "1"});
    CHECK(text(entry->element[0]->element[1]->element[1]),
          text(entry->element[0]->element[1]->element[1]).find("\"head\":\"10:1:") != std::string_view::npos);
    redis->command({"XDEL", keyspace.audit(1), "11-0"});
    CHECK_TEXT("one more is gone", verified(), "entry 11 is missing");
    redis->command({"HSET", keyspace.audit_head(1), "trimmed", "12"});
    CHECK_TEXT("another says where it begins", verified(), "entry 1 is missing");
    redis->command({"HDEL", keyspace.audit_head(1), "trimmed"});
    CHECK_TEXT("nobody says where it begins", verified(), "entry 1 is missing");
}

void failures_of_an_address_are_few(void**) {
    const Address network = *parse_network("192.0.2.1");
    const auto fail_with = [&](std::uint64_t attempt, const BlockRule& rule) {
        CountFailure flow(keyspace, network, attempt, rule);
        redis->run(flow);
        CHECK(flow.reason(), flow.outcome() == Outcome::done);
        return flow.blocked_for_ms();
    };
    const BlockRule rule{5, 1000, 60'000};
    for (std::uint64_t attempt = 0; attempt < 100; attempt++) { // two a second
        redis.set_clock(clock_ms + static_cast<std::int64_t>(attempt) * 500);
        assert_int_equal(fail_with(attempt, rule), 0);
    }
    CHECK("no more than matter", redis->command({"ZCARD", keyspace.failed("192.0.2.1")})->integer <= 5);

    redis->command({"DEL", keyspace.failed("192.0.2.1")});
    const BlockRule slow{3, 3'600'000, 60'000};
    const std::int64_t begin = clock_ms + 100'000;
    for (const std::int64_t at : {0, 30'000, 59'999}) { // a repeated one counts once
        redis.set_clock(begin + at);
        assert_int_equal(fail_with(7, slow), 0);
    }
    redis.set_clock(begin + 60'000);
    assert_int_equal(fail_with(7, slow), 0);
    redis.set_clock(begin + 120'001);
    CHECK("once a minute", fail_with(7, slow) == 60'000);
}

void attempts_have_a_pace(void**) {
    const auto note = [](int number) {
        NoteAttempt attempt(keyspace, test::author(), {0, 0, "invalid_key", "192.0.2." + std::to_string(number)});
        redis->run(attempt);
        CHECK(attempt.reason(), attempt.outcome() == Outcome::done);
    };
    for (int number = 0; number < 150; number++) {
        note(number);
    }
    assert_int_equal(entries_of(0), 100);
    redis.set_clock(clock_ms + 60'000);
    for (int number = 200; number < 250; number++) {
        note(number);
    }
    assert_int_equal(entries_of(0), 110);
}

void an_alert_goes_behind_the_others(void**) {
    for (const char* type : {"a", "b"}) {
        redis->command({"XADD", keyspace.alerts(), "*", "type", type, "at", "1"});
    }
    const auto next = [] {
        TakeAlert take(keyspace, "worker");
        redis->run(take);
        CHECK(take.reason(), take.alert().has_value());
        return *take.alert();
    };
    const StoredAlert first = next();
    PutBackAlert back(keyspace, first.id, first.name());
    redis->run(back);
    const StoredAlert second = next();
    CHECK("the other one", first.fields.at("type") == "a" && second.fields.at("type") == "b");
    DropAlert drop(keyspace, second.id);
    redis->run(drop);
    const StoredAlert again = next();
    CHECK("the first again, by its name", again.id != first.id && again.name() == first.id && again.fields.at("type") == "a");
    PutBackAlert twice(keyspace, again.id, again.name());
    redis->run(twice);
    CHECK("and again", next().name() == first.id);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(changes_have_a_pace, account_with_a_key),
        cmocka_unit_test_setup(an_account_has_so_many_keys, account_with_a_key),
        cmocka_unit_test_setup(an_entry_is_small, account_with_a_key),
        cmocka_unit_test_setup(large_entries_are_read_a_few_at_a_time, account_with_a_key),
        cmocka_unit_test_setup(large_batches_are_read_a_few_at_a_time, account_with_a_key),
        cmocka_unit_test_setup(large_keys_are_read_a_few_at_a_time, account_with_a_key),
        cmocka_unit_test_setup(counters_are_read_some_at_a_time, account_with_a_key),
        cmocka_unit_test_setup(names_are_a_hundred, account_with_a_key),
        cmocka_unit_test_setup(a_trimmed_log_is_still_a_chain, account_with_a_key),
        cmocka_unit_test_setup(failures_of_an_address_are_few, account_with_a_key),
        cmocka_unit_test_setup(attempts_have_a_pace, account_with_a_key),
        cmocka_unit_test_setup(an_alert_goes_behind_the_others, account_with_a_key),
    };
    return cmocka_run_group_tests(tests, start, shut_down);
}
