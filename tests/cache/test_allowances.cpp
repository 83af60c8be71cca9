#include "cache/allowances.h"

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key;
using namespace api_key::cache;

namespace {

constexpr std::uint64_t now_ms = 5'000'000'000; // its low 32 bits have wrapped around
constexpr std::int64_t store_ms = 1'700'000'000'000;
using Spent = Allowances::Spent;

struct Place {
    test::Memory memory;
    std::optional<Zone> zone = Zone::format(memory.span(), test::no_mutex());
    Allowances allowances{*zone};
};

Granted granted(std::uint64_t key_id, std::uint32_t requests) {
    Granted granted;
    granted.key_id = key_id;
    granted.account = 1;
    granted.limits = 77;
    granted.requests = requests;
    granted.until_ms = now_ms + 1000;
    granted.charged_ms = store_ms;
    granted.bucket_begin_ms = store_ms - 100;
    granted.charged = 8;
    granted.size = requests;
    granted.states[static_cast<std::size_t>(Window::daily)] = {100, requests, store_ms + 86'400'000};
    return granted;
}

unsigned spend_all(const Allowances& allowances, std::uint64_t key_id, std::uint64_t limits = 77, std::uint64_t at_ms = now_ms) {
    unsigned taken = 0;
    while (allowances.spend(key_id, limits, at_ms) == Spent::taken) {
        taken++;
    }
    return taken;
}

void is_spent_to_the_last_and_no_further(void**) {
    Place place;
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::nothing);
    assert_true(place.allowances.install(granted(1, 5)).empty());
    assert_int_equal(spend_all(place.allowances, 2), 0);
    assert_int_equal(spend_all(place.allowances, 1, 78), 0);
    assert_int_equal(spend_all(place.allowances, 1), 5);
    assert_int_equal(spend_all(place.allowances, 1), 0);
}

void takes_back_what_was_not_used(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::taken);
    const Allowances::Charge charge = place.allowances.charge(1);
    assert_true(charge.charged_ms == store_ms && charge.charged == 8);
    assert_true(place.allowances.put_back(1, 77, charge, now_ms));
    assert_int_equal(spend_all(place.allowances, 1), 5);

    assert_true(place.allowances.put_back(1, 77, charge, now_ms));
    assert_false(place.allowances.put_back(1, 78, charge, now_ms));
    assert_false(place.allowances.put_back(2, 77, charge, now_ms));
    assert_false(place.allowances.put_back(1, 77, {store_ms - 1, 8}, now_ms));
}

void ends_when_its_time_is_over(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    assert_int_equal(spend_all(place.allowances, 1, 77, now_ms + 1000), 0);
    assert_true(place.allowances.spend(1, 77, now_ms + 999) == Spent::taken);
    assert_true(place.allowances.slot_state(place.allowances.slot_of(1), now_ms + 1000).expired);
}

void adds_up_within_the_same_buckets_and_gives_back_otherwise(void**) {
    const struct {
        std::string_view row;
        std::uint64_t limits;
        std::int64_t charged_ms;
        std::uint8_t charged;
        bool adds_up;
    } rows[] = {
        {"the same buckets", 77, store_ms + 50, 8, true},
        {"other limits", 78, store_ms + 50, 8, false},
        {"a later bucket", 77, store_ms + 300'000, 8, false},
        {"charged to something else", 77, store_ms + 50, 9, false},
    };
    for (const auto& row : rows) {
        Place place;
        place.allowances.install(granted(1, 5));
        Granted second = granted(1, 3);
        second.limits = row.limits;
        second.charged_ms = row.charged_ms;
        second.bucket_begin_ms = row.charged_ms - 100;
        second.charged = row.charged;
        const std::vector<Leftover> leftovers = place.allowances.install(second);
        CHECK(row.row, leftovers.size() == (row.adds_up ? 0U : 1U));
        CHECK(row.row, row.adds_up || (leftovers[0].requests == 5 && leftovers[0].charged_ms == store_ms && leftovers[0].charged == 8));
        CHECK(row.row, spend_all(place.allowances, 1, row.limits) == (row.adds_up ? 8U : 3U));
    }
}

void adds_up_to_the_earlier_end(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    Granted second = granted(1, 3);
    second.until_ms = now_ms + 2000;
    place.allowances.install(second);
    assert_int_equal(spend_all(place.allowances, 1, 77, now_ms + 1500), 0);
    assert_int_equal(spend_all(place.allowances, 1, 77, now_ms + 500), 8);
}

void remembers_a_refusal_until_it_can_change(void**) {
    Place place;
    Granted refused = granted(1, 0);
    refused.refusing = Window::daily;
    refused.refused_until_ms = now_ms + 5000;
    place.allowances.install(refused);
    assert_true(place.allowances.spend(1, 77, now_ms + 4999) == Spent::refused);
    assert_true(place.allowances.spend(1, 77, now_ms + 5000) == Spent::nothing);
    assert_true(place.allowances.spend(1, 78, now_ms) == Spent::nothing);
    Limits limits{};
    limits[static_cast<std::size_t>(Window::daily)] = 100;
    const std::optional<Refusal> refusal = place.allowances.refusal(1, limits);
    assert_true(refusal && refusal->window == Window::daily && refusal->state.limit == 100 && refusal->as_of_ms == store_ms);
    assert_int_equal(refusal->state.reset_ms, store_ms + 86'400'000);
}

void a_refusal_ends_when_there_is_room_again(void**) {
    Place place;
    Granted refused = granted(1, 0);
    refused.refusing = Window::daily;
    refused.refused_until_ms = now_ms + 5000;
    refused.generation = place.zone->generation();
    place.allowances.install(refused);
    place.allowances.forget_refusal(2);
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::refused);
    place.allowances.forget_refusal(1);
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::nothing);
    place.allowances.install(refused); // asked for before that
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::nothing);
    refused.generation = place.zone->generation();
    place.allowances.install(refused);
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::refused);
}

void a_refusal_leaves_what_another_worker_was_granted(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    Granted refused = granted(1, 0);
    refused.refusing = Window::daily;
    refused.refused_until_ms = now_ms + 5000;
    assert_true(place.allowances.install(refused).empty());
    assert_int_equal(spend_all(place.allowances, 1), 5);
    assert_true(place.allowances.spend(1, 77, now_ms) == Spent::refused);
}

void shows_what_is_used_and_not_what_is_held(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    place.allowances.spend(1, 77, now_ms);
    Limits limits{};
    limits[static_cast<std::size_t>(Window::daily)] = 100;
    const std::optional<WindowStates> states = place.allowances.states(1, 77, limits);
    assert_true(states.has_value());
    assert_int_equal((*states)[static_cast<std::size_t>(Window::daily)].used, 1);
    assert_int_equal((*states)[static_cast<std::size_t>(Window::total)].limit, 0);
    assert_int_equal(place.allowances.left(1), 4);
    assert_false(place.allowances.states(1, 78, limits).has_value());
}

void is_taken_out_once(void**) {
    Place place;
    place.allowances.install(granted(1, 5));
    const std::size_t slot = place.allowances.slot_of(1);
    assert_false(place.allowances.take(slot, 2).has_value());
    const std::optional<Leftover> leftover = place.allowances.take(slot, 1);
    assert_true(leftover && leftover->requests == 5 && leftover->key_id == 1 && leftover->account == 1);
    assert_false(place.allowances.take(slot, 1).has_value());
    assert_int_equal(spend_all(place.allowances, 1), 0);
}

void gives_back_what_has_no_room(void**) {
    Place place;
    std::uint64_t given_back = 0;
    const std::uint64_t keys = 2 * place.allowances.count();
    for (std::uint64_t id = 1; id <= keys; id++) {
        for (const Leftover& leftover : place.allowances.install(granted(id, 1))) {
            given_back += leftover.requests;
        }
    }
    std::uint64_t spent = 0;
    for (std::uint64_t id = 1; id <= keys; id++) {
        spent += spend_all(place.allowances, id);
    }
    assert_int_equal(spent + given_back, keys);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(is_spent_to_the_last_and_no_further),
        cmocka_unit_test(takes_back_what_was_not_used),
        cmocka_unit_test(ends_when_its_time_is_over),
        cmocka_unit_test(adds_up_within_the_same_buckets_and_gives_back_otherwise),
        cmocka_unit_test(adds_up_to_the_earlier_end),
        cmocka_unit_test(remembers_a_refusal_until_it_can_change),
        cmocka_unit_test(a_refusal_ends_when_there_is_room_again),
        cmocka_unit_test(a_refusal_leaves_what_another_worker_was_granted),
        cmocka_unit_test(shows_what_is_used_and_not_what_is_held),
        cmocka_unit_test(is_taken_out_once),
        cmocka_unit_test(gives_back_what_has_no_room),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
