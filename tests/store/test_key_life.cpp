// The life of a key in a real Redis of this test's own.
#include <string>

#include "core/secrets/pepper.h"
#include "store/blocking/blocking_runner.h"
#include "store/flows/account_flows.h"
#include "store/flows/key_flows.h"
#include "store/flows/list_flow.h"
#include "store/flows/lookup_flow.h"
#include "store/flows/node_flows.h"

#include "lib/author.h"
#include "lib/own_redis.h"

// cmocka has a macro by the name of Flow::fail
#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

const Keyspace keyspace("ak:");
test::OwnRedis runner;
std::uint64_t account = 0;

Digest digest_of(std::string_view text) {
    return *sha256(text);
}

KeyRecord draft(const std::string& name, std::string_view secret) {
    KeyRecord record;
    record.account = account;
    record.name = name;
    record.type = "proxy";
    record.prefix = "ms-01234";
    record.digest = digest_of(secret);
    record.pepper_version = 1;
    return record;
}

std::uint64_t create(const KeyRecord& record) {
    CreateKey flow(keyspace, test::author(), record, std::nullopt);
    runner->run(flow);
    CHECK(record.name, flow.outcome() == Outcome::done);
    return flow.id();
}

KeyChange renamed(const char* name) {
    KeyChange change;
    change.name = name;
    return change;
}

KeyChange moved(const char* category) {
    KeyChange change;
    change.category = category;
    return change;
}

Outcome look_up(std::string_view secret) {
    LookupKey flow(keyspace, {digest_of("another pepper's"), digest_of(secret)});
    runner->run(flow);
    return flow.outcome();
}

int start_redis(void**) {
    return runner.start() ? 0 : -1;
}

int stop_redis(void**) {
    runner.shut_down();
    return 0;
}

int new_account(void**) {
    runner->command({"FLUSHALL"});
    CreateAccount flow(keyspace, test::author(), "acme", "", "random");
    runner->run(flow);
    account = flow.id();
    return flow.outcome() == Outcome::done ? 0 : -1;
}

void is_found_by_its_digest_alone(void**) {
    const std::uint64_t id = create(draft("one", "secret"));
    LookupKey flow(keyspace, {digest_of("x"), digest_of("secret")});
    runner->run(flow);
    CHECK("found", flow.outcome() == Outcome::done);
    assert_int_equal(flow.found().key.id, id);
    CHECK_TEXT("name", flow.found().key.name, "one");
    CHECK("clock", flow.found().store_now_ms > 1'700'000'000'000);
    CHECK("other", look_up("other") == Outcome::not_found);
}

void is_never_let_in_when_malformed(void**) {
    for (const char* field : {"account", "ver", "on", "name", "type", "prefix", "digest"}) {
        for (const char* value : {"", "x"}) {
            new_account(nullptr);
            const std::uint64_t id = create(draft("one", "secret"));
            if (*value == '\0') {
                runner->command({"HDEL", keyspace.key(id), field});
            } else {
                runner->command({"HSET", keyspace.key(id), field, "\x01-1x"});
            }
            LookupKey flow(keyspace, {digest_of("secret")});
            runner->run(flow);
            const bool free_text = *value != '\0' && (std::string_view(field) == "name" || std::string_view(field) == "type" ||
                                                      std::string_view(field) == "prefix");
            CHECK(field, (flow.outcome() == Outcome::done) == free_text);
            CHECK(field, free_text || flow.reason().find(field) != std::string::npos || std::string_view(field) == "account");
        }
    }
}

void is_unavailable_in_an_emptied_store(void**) {
    create(draft("one", "secret"));
    runner->command({"FLUSHALL"});
    CHECK("look-up", look_up("secret") == Outcome::unavailable);
    CreateKey creating(keyspace, test::author(), draft("two", "s"), std::nullopt);
    runner->run(creating);
    CHECK("create", creating.outcome() == Outcome::unavailable);
    TouchKey touching(keyspace, 1);
    runner->run(touching);
    CHECK("touch", touching.outcome() == Outcome::unavailable);
    Heartbeat heartbeat(keyspace);
    runner->run(heartbeat);
    CHECK("heartbeat", heartbeat.outcome() == Outcome::done && heartbeat.problem() != nullptr);
}

void survives_a_flush_of_the_scripts(void**) {
    runner->command({"SCRIPT", "FLUSH"});
    create(draft("one", "secret"));
    CHECK("found", look_up("secret") == Outcome::done);
}

void rotates_with_and_without_overlap(void**) {
    const std::uint64_t id = create(draft("one", "first"));
    const auto rotate = [&](std::string_view secret, std::int64_t overlap_s) {
        RotateKey flow(
            keyspace, test::author(), {account, {"proxy"}}, id,
            [&](const KeyRecord&, RotateKey::Secret& made) {
                made = {digest_of(secret), 1, "ms-99999"};
                return true;
            },
            overlap_s, std::nullopt);
        runner->run(flow);
        CHECK(secret, flow.outcome() == Outcome::done && flow.sequence() != 0);
    };
    rotate("second", 0);
    CHECK("old one gone", look_up("first") == Outcome::not_found && look_up("second") == Outcome::done);
    rotate("third", 60);
    CHECK("both", look_up("second") == Outcome::done && look_up("third") == Outcome::done);
    rotate("fourth", 0);
    CHECK("only the last",
          look_up("second") == Outcome::not_found && look_up("third") == Outcome::not_found && look_up("fourth") == Outcome::done);
}

void is_out_of_sight_of_others(void**) {
    const std::uint64_t id = create(draft("one", "secret"));
    for (const KeyScope& scope : {KeyScope{account + 1, {}}, KeyScope{account, {"billing"}}}) {
        ReadKey reading(keyspace, scope, id);
        runner->run(reading);
        UpdateKey updating(keyspace, test::author(), scope, id, renamed("mine"));
        runner->run(updating);
        DeleteKey deleting(keyspace, test::author(), scope, id, false);
        runner->run(deleting);
        CHECK("not found", reading.outcome() == Outcome::not_found && updating.outcome() == Outcome::not_found &&
                               deleting.outcome() == Outcome::not_found);
    }
    CHECK("untouched", look_up("secret") == Outcome::done);
}

// Two changes of the same version: the second to commit has to read again, and keeps what the first changed.
void changes_one_at_a_time(void**) {
    const std::uint64_t id = create(draft("one", "secret"));
    UpdateKey slow(keyspace, test::author(), {}, id, moved("slow"));
    std::vector<Command> commands = slow.next({});
    std::vector<Reply> replies;
    for (const Command& command : commands) {
        replies.push_back(runner->command(command));
    }
    commands = slow.next(replies);
    UpdateKey fast(keyspace, test::author(), {}, id, renamed("fast"));
    runner->run(fast);
    while (!commands.empty()) {
        replies.clear();
        for (const Command& command : commands) {
            replies.push_back(runner->command(command));
        }
        commands = slow.next(replies);
    }
    CHECK("done", slow.outcome() == Outcome::done);
    CHECK_TEXT("name", slow.key().name, "fast");
    CHECK_TEXT("category", slow.key().category, "slow");
    assert_int_equal(slow.key().version, 3);
}

void keeps_aliases_unique_and_used_keys(void**) {
    KeyRecord first = draft("one", "1");
    first.alias = "a";
    const std::uint64_t id = create(first);
    CreateKey second(keyspace, test::author(), first, std::nullopt);
    runner->run(second);
    CHECK("alias taken", second.conflict() == Conflict::alias_taken);
    TouchKey touching(keyspace, id);
    runner->run(touching);
    CHECK("touched", touching.outcome() == Outcome::done);
    TouchKey touching_nothing(keyspace, 999);
    runner->run(touching_nothing);
    CHECK("nothing to touch", touching_nothing.outcome() == Outcome::not_found);
    DeleteKey unused(keyspace, test::author(), {}, id, true);
    runner->run(unused);
    CHECK("was used", unused.conflict() == Conflict::key_was_used);
    DeleteKey always(keyspace, test::author(), {}, id, false);
    runner->run(always);
    CHECK("deleted", always.outcome() == Outcome::done && look_up("1") == Outcome::not_found);
    CHECK("alias is free again", create(first) != 0);
}

void lists_page_by_page_under_inserts(void**) {
    constexpr unsigned count = 1203;
    for (unsigned number = 0; number < count; number++) {
        create(draft("key " + std::to_string(number), std::to_string(number)));
    }
    std::uint64_t before = 0;
    std::uint64_t last = ~std::uint64_t{0};
    unsigned seen = 0;
    do {
        ListKeys flow(keyspace, account, KeyFilter{{"proxy"}, {}, {}, {}}, 100, before);
        runner->run(flow);
        CHECK("page", flow.outcome() == Outcome::done && flow.keys().size() <= 100);
        for (const std::string& key : flow.keys()) {
            const std::uint64_t id = std::stoull(key.substr(key.find("\"id\":") + 5));
            CHECK("newest first, nothing twice", id < last);
            last = id;
            seen++;
        }
        before = flow.next_page();
        create(draft("late", "late" + std::to_string(before)));
    } while (before != 0);
    assert_int_equal(seen, count);
    ListKeys filtered(keyspace, account, KeyFilter{{"proxy"}, {}, {}, "KEY 120"}, 100, 0);
    runner->run(filtered);
    assert_int_equal(filtered.keys().size(), 4); // 120, 1200, 1201, 1202
}

void lists_the_others_when_one_is_malformed(void**) {
    create(draft("good", "list-good"));
    const std::uint64_t bad = create(draft("bad", "list-bad"));
    runner->command({"HSET", keyspace.key(bad), "expires", ""});
    ListKeys flow(keyspace, account, {{"proxy"}, {}, {}, {}}, 10, 0);
    runner->run(flow);
    assert_true(flow.outcome() == Outcome::done);
    assert_int_equal(flow.keys().size(), 1);
    CHECK(flow.keys()[0], flow.keys()[0].find(R"("name":"good")") != std::string::npos);
    CHECK(flow.malformed(), flow.malformed().find("expires") != std::string::npos);
}

// A plain key: its hash, its place in the digest index and in the list. With a million keys, which share index buckets, it is less.
void takes_little_memory(void**) {
    constexpr unsigned count = 20000;
    const auto used = [] {
        const Reply reply = runner->command({"INFO", "memory"});
        const std::string info(text(reply.get()));
        return std::stoul(info.substr(info.find("used_memory:") + 12));
    };
    create(draft("warm up", "warm up"));
    const std::size_t before = used();
    for (unsigned number = 0; number < count; number++) {
        create(draft("Production", std::to_string(number)));
    }
    const std::size_t logged = used();
    runner->command({"DEL", keyspace.audit(account)});
    const std::size_t each = (used() - before) / count;
    const std::size_t entry = (logged - before) / count - each;
    print_message("%zu bytes of Redis for each of %u keys, and %zu for the log's entry\n", each, count, entry);
    CHECK("memory", each <= 500 && entry <= 400);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_found_by_its_digest_alone, new_account),
        cmocka_unit_test_setup(is_never_let_in_when_malformed, new_account),
        cmocka_unit_test_setup(is_unavailable_in_an_emptied_store, new_account),
        cmocka_unit_test_setup(survives_a_flush_of_the_scripts, new_account),
        cmocka_unit_test_setup(rotates_with_and_without_overlap, new_account),
        cmocka_unit_test_setup(is_out_of_sight_of_others, new_account),
        cmocka_unit_test_setup(changes_one_at_a_time, new_account),
        cmocka_unit_test_setup(keeps_aliases_unique_and_used_keys, new_account),
        cmocka_unit_test_setup(lists_page_by_page_under_inserts, new_account),
        cmocka_unit_test_setup(lists_the_others_when_one_is_malformed, new_account),
        cmocka_unit_test_setup(takes_little_memory, new_account),
    };
    return cmocka_run_group_tests(tests, start_redis, stop_redis);
}
