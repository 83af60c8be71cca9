#include "cache/purses.h"

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key::cache;

namespace {

struct Place {
    test::Memory memory;
    std::optional<Zone> zone = Zone::format(memory.span(), test::no_mutex());
    Purses purses{*zone};
};

void what_is_reserved_is_settled(void**) {
    const struct {
        std::string_view row;
        std::int64_t cost;
        std::int64_t available;
        std::int64_t spent;
        std::int64_t debt;
    } rows[] = {
        {"nothing", 0, 1000, 0, 0},
        {"less", 60, 940, 60, 0},
        {"just that", 100, 900, 100, 0},
        {"more than reserved", 300, 700, 300, 0},
        {"more than there is", 1500, 0, 1500, 500},
    };
    for (const auto& row : rows) {
        Place place;
        const std::size_t slot = *place.purses.open(1, 7, 2, 3);
        place.purses.add(slot, 1000);
        CHECK(row.row, place.purses.reserve(slot, 100));
        CHECK(row.row, place.purses.settle(slot, 100, row.cost) == row.debt);
        const PurseState state = place.purses.state(slot);
        CHECK(row.row, state.available == row.available && state.reserved == 0 && state.spent == row.spent);
    }
}

void nobody_reserves_more_than_there_is(void**) {
    Place place;
    const std::size_t slot = *place.purses.open(1, 7, 2, 3);
    assert_false(place.purses.reserve(slot, 1));
    place.purses.add(slot, 10);
    assert_false(place.purses.reserve(slot, 11));
    assert_true(place.purses.reserve(slot, 10));
    assert_false(place.purses.reserve(slot, 1));
}

void the_dead_are_inherited_once_and_pay_for_what_they_reserved(void**) {
    Place place;
    const std::size_t slot = *place.purses.open(100, 7, 2, 3);
    const std::size_t other = *place.purses.open(101, 8, 2, 3);
    place.purses.add(slot, 10);
    place.purses.add(other, 10);
    place.purses.reserve(slot, 4);
    const auto is_alive = [](std::uint32_t owner) { return owner != 100; };
    const std::vector<std::size_t> adopted = place.purses.adopt(200, is_alive);
    assert_int_equal(adopted.size(), 1);
    assert_int_equal(adopted[0], slot);
    place.purses.write_off(slot);
    const PurseState state = place.purses.state(slot);
    assert_true(state.hold == 7 && state.key_id == 2 && state.account == 3);
    assert_true(state.available == 0 && state.reserved == 0 && state.spent == 4);
    assert_true(place.purses.adopt(200, is_alive).empty());
    assert_true(place.purses.adopt(201, is_alive).empty());
}

void there_are_so_many_and_no_more(void**) {
    Place place;
    const std::size_t count = place.zone->purses().size();
    for (std::size_t index = 0; index < count; index++) {
        assert_true(place.purses.open(1, index + 1, index, 1).has_value());
    }
    assert_false(place.purses.open(1, 1, 1, 1).has_value());
    place.purses.close(5);
    assert_true(place.purses.open(1, 1, 1, 1) == 5U);
    assert_int_equal(place.purses.state(5).spent, 0);
    assert_int_equal(place.purses.next_number(5), 1);
    assert_int_equal(place.purses.next_number(5), 2);
}

void there_is_one_for_each_2_kb_and_it_is_known_how_many_are_open(void**) {
    Place place;
    assert_int_equal(place.purses.count(), place.memory.span().size() / 2048);
    const std::size_t slot = *place.purses.open(1, 7, 2, 3);
    place.purses.open(1, 8, 3, 3);
    assert_int_equal(place.purses.count_open(), 2);
    place.purses.close(slot);
    assert_int_equal(place.purses.count_open(), 1);
    place.zone->header().purses_open.store(-5); // as left by a process that was killed while it counted
    assert_int_equal(place.purses.count_open(), 0);
    place.purses.recount();
    assert_int_equal(place.purses.count_open(), 1);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_reserved_is_settled),
        cmocka_unit_test(nobody_reserves_more_than_there_is),
        cmocka_unit_test(the_dead_are_inherited_once_and_pay_for_what_they_reserved),
        cmocka_unit_test(there_are_so_many_and_no_more),
        cmocka_unit_test(there_is_one_for_each_2_kb_and_it_is_known_how_many_are_open),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
