#include <cstring>
#include <string>
#include <vector>

#include "cache/change_log.h"
#include "cache/zone.h"
#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key;
using namespace api_key::cache;

using test::Memory;
using test::no_mutex;
using test::zone_size;

namespace {

Digest digest_of(std::uint64_t number) {
    return *sha256(std::to_string(number));
}

KeyRecord record_of(std::uint64_t id, std::size_t name_size = 10) {
    KeyRecord record;
    record.id = id;
    record.account = 1 + id % 7;
    record.name = std::string(name_size, static_cast<char>('a' + id % 26));
    record.type = "proxy";
    return record;
}

void fill(Zone& zone, std::uint64_t id, std::size_t name_size = 10, std::uint64_t now_ms = 1000) {
    const KeyRecord record = record_of(id, name_size);
    zone.fill(digest_of(id), {record, 0, zone.generation(), now_ms, 5000});
}

// The cached name; empty if there is none.
std::string name_in(const Zone& zone, std::uint64_t id) {
    const std::optional<Hit> hit = zone.find(digest_of(id));
    if (!hit) {
        return {};
    }
    std::vector<std::byte> packed(hit->packed_size);
    if (!zone.copy(*hit, packed)) {
        return {};
    }
    const std::optional<RecordView> view = unpack(packed);
    return view && view->id == id ? std::string(view->name) : std::string();
}

void gives_back_what_it_was_given(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{200}, std::size_t{250}, std::size_t{400}, std::size_t{5000}, std::size_t{20000}}) {
        fill(zone, size, size);
        CHECK_TEXT(std::to_string(size), name_in(zone, size), record_of(size, size).name);
    }
    CHECK("another digest", !zone.find(digest_of(2)));
    const Zone attached = *Zone::attach(memory.span(), no_mutex());
    CHECK_TEXT("attached", name_in(attached, 1), "b");
}

void refuses_memory_that_is_laid_out_otherwise(void**) {
    const Memory memory;
    CHECK("too small", !Zone::format(memory.span().first(1000), no_mutex()));
    std::memset(memory.bytes.get(), 0, zone_size);
    CHECK("nothing there", !Zone::attach(memory.span(), no_mutex()));
    Zone zone = *Zone::format(memory.span(), no_mutex());
    zone.header().version++;
    CHECK("another version", !Zone::attach(memory.span(), no_mutex()));
}

void forgets_what_changed_and_takes_no_late_answer(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    for (const char* what : {"key", "account", "everything"}) {
        fill(zone, 7);
        CHECK(what, !name_in(zone, 7).empty());
        const std::uint64_t asked = zone.generation();
        if (*what == 'k') {
            zone.invalidate_key(7);
        } else if (*what == 'a') {
            zone.invalidate_account(record_of(7).account);
        } else {
            zone.invalidate_all();
        }
        CHECK(what, name_in(zone, 7).empty());
        const KeyRecord late = record_of(7);
        CHECK(what, zone.changed_since(asked, late.id, late.account));
        zone.fill(digest_of(7), {late, 0, asked, 1000, 5000});
        CHECK(what, name_in(zone, 7).empty());
    }
}

void knows_whether_what_was_found_is_current(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    const std::uint64_t account = record_of(7).account;
    const auto find_anew = [&] {
        fill(zone, 7);
        return *zone.find(digest_of(7));
    };
    Hit hit = find_anew();
    CHECK("unchanged", zone.is_current(hit, 7, account));
    zone.invalidate_key(7);
    CHECK("its key changed", !zone.is_current(hit, 7, account));
    hit = find_anew();
    zone.invalidate_account(account);
    CHECK("its account changed", !zone.is_current(hit, 7, account));
    hit = find_anew();
    zone.invalidate_all();
    CHECK("anything may have changed", !zone.is_current(hit, 7, account));
    hit = find_anew();
    find_anew();
    CHECK("read again", !zone.is_current(hit, 7, account));
    hit = find_anew();
    hit.cell->sequence.fetch_add(1);
    CHECK("its writer died", !zone.is_current(hit, 7, account));
    hit = find_anew();
    for (std::uint64_t id = 100; zone.find(digest_of(7)); id++) {
        fill(zone, id, 10, 100'000 + id * 1000);
    }
    CHECK("its cell has another key", !zone.is_current(hit, 7, account));
}

void stays_readable_when_a_writer_dies(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    fill(zone, 7);
    Cell* cell = zone.find(digest_of(7))->cell;
    const Hit before = *zone.find(digest_of(7));
    cell->sequence.fetch_add(1);
    std::vector<std::byte> packed(before.packed_size);
    CHECK("absent", !zone.find(digest_of(7)) && !zone.copy(before, packed));
    fill(zone, 7);
    CHECK("written anew", !name_in(zone, 7).empty());
    CHECK("an old hit does not count", !zone.copy(before, packed));
}

void makes_room_when_full(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    const std::size_t keys = zone.capacity() * 3;
    for (std::size_t id = 1; id <= keys; id++) {
        fill(zone, id, 10, id * 1000);
        CHECK("the newest is there", !name_in(zone, id).empty());
    }
    CHECK("full", zone.count() > zone.capacity() * 9 / 10);
    std::size_t old_ones = 0;
    for (std::size_t id = 1; id <= zone.capacity(); id++) {
        old_ones += name_in(zone, id).empty() ? 0 : 1;
    }
    CHECK("the oldest have gone", old_ones < zone.capacity() / 10);
    for (std::size_t id = 1; id <= 2000; id++) {
        fill(zone, keys + id, 5000, (keys + id) * 1000);
        CHECK_TEXT("long ones find blocks", name_in(zone, keys + id), record_of(keys + id, 5000).name);
    }
}

void remembers_unknown_keys_for_a_while(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    zone.fill_unknown(digest_of(1), zone.generation(), 1000, 10);
    CHECK("known to be unknown", zone.is_unknown(digest_of(1), 1009));
    CHECK("only for so long", !zone.is_unknown(digest_of(1), 1010));
    CHECK("another", !zone.is_unknown(digest_of(2), 1000));
    fill(zone, 7);
    for (std::uint64_t id = 100; id < 20000; id++) {
        zone.fill_unknown(digest_of(id), zone.generation(), 1000, 10);
    }
    CHECK("they push out no key", !name_in(zone, 7).empty());
    zone.invalidate_all();
    CHECK("forgotten", !zone.is_unknown(digest_of(19999), 1000));
}

void tells_the_first_use_once(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    fill(zone, 7);
    Cell& cell = *zone.find(digest_of(7))->cell;
    CHECK("first", Zone::is_first_use(cell, 1000));
    CHECK("reported", !Zone::is_first_use(cell, 5999));
}

void confirms_only_what_it_has_followed(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    ChangeLog log(zone);
    log.heartbeat({100, 0, 5, 77}, 101);
    assert_int_equal(log.sequence(), 5);
    assert_int_equal(log.confirmed_ms(0), 100);
    assert_int_equal(log.confirmed_ms(900), 900);
    fill(zone, 7);

    log.message("6 5 key 8 2");
    CHECK("others stay", !name_in(zone, 7).empty());
    log.heartbeat({200, 6, 6, 77}, 201);
    assert_int_equal(log.confirmed_ms(0), 200);

    log.message("8 5 key 9 2"); // from a store that has lost change 6: the heartbeat shows it
    assert_int_equal(log.sequence(), 6);
    log.heartbeat({300, 6, 7, 77}, 301); // a change may be in flight …
    assert_int_equal(log.confirmed_ms(0), 200);
    CHECK("not yet lost", !name_in(zone, 7).empty());
    log.heartbeat({900, 6, 7, 77}, 901); // … but it never arrived
    CHECK("missed one", name_in(zone, 7).empty());
    assert_int_equal(log.confirmed_ms(0), 900);

    fill(zone, 7);
    log.heartbeat({1000, 7, 7, 78}, 1001);
    CHECK("another store", name_in(zone, 7).empty());
    fill(zone, 7);
    log.heartbeat({1100, 7, 3, 78}, 1101);
    CHECK("went back", name_in(zone, 7).empty());
    assert_int_equal(log.sequence(), 3);
}

void takes_messages_in(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    ChangeLog log(zone);
    log.heartbeat({100, 0, 5, 77}, 101);
    const struct {
        const char* text;
        bool forgets;
    } rows[] = {{"6 5 key 7 2", true},        {"6 5 key 7 2", false},    {"7 6 key 8 2", false}, {"18 7 account 1 3", true},
                {"29 18 account 2 3", false}, {"30 29 room 7 3", false}, {"nonsense", true},     {"", true},
                {"30 x key 7", true},         {"31 30 wallet 7", true},  {"32 30 key -7", true}};
    for (const auto& row : rows) {
        fill(zone, 7);
        log.message(row.text);
        CHECK(row.text, name_in(zone, 7).empty() == row.forgets);
    }
}

void sends_one_heartbeat_per_interval(void**) {
    const Memory memory;
    Zone zone = *Zone::format(memory.span(), no_mutex());
    ChangeLog one(zone);
    ChangeLog other(zone);
    CHECK("first", one.is_heartbeat_due(1000));
    CHECK("not both", !other.is_heartbeat_due(1000) && !one.is_heartbeat_due(1000 + ChangeLog::heartbeat_interval_ms - 1));
    CHECK("next", other.is_heartbeat_due(1000 + ChangeLog::heartbeat_interval_ms));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_it_was_given),
        cmocka_unit_test(refuses_memory_that_is_laid_out_otherwise),
        cmocka_unit_test(forgets_what_changed_and_takes_no_late_answer),
        cmocka_unit_test(knows_whether_what_was_found_is_current),
        cmocka_unit_test(stays_readable_when_a_writer_dies),
        cmocka_unit_test(makes_room_when_full),
        cmocka_unit_test(remembers_unknown_keys_for_a_while),
        cmocka_unit_test(tells_the_first_use_once),
        cmocka_unit_test(confirms_only_what_it_has_followed),
        cmocka_unit_test(takes_messages_in),
        cmocka_unit_test(sends_one_heartbeat_per_interval),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
