#include "cache/request_ring.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key;
using namespace api_key::cache;

namespace {

struct Place {
    test::Memory memory;
    std::optional<Zone> zone = Zone::format(memory.span(), test::no_mutex());
    RequestRing ring{*zone};
};

bool push(const RequestRing& ring, std::uint64_t number) {
    return ring.push([&](LoggedRequest& request) { request.key_id = number; });
}

std::optional<std::uint64_t> pop(const RequestRing& ring) {
    std::optional<std::uint64_t> number;
    ring.pop([&](const LoggedRequest& request) { number = request.key_id; });
    return number;
}

void what_is_written_is_read_in_its_order(void**) {
    Place place;
    CHECK("nothing", !pop(place.ring));
    for (std::uint64_t round = 0; round < 1000; round++) {
        CHECK("one", push(place.ring, 2 * round) && push(place.ring, 2 * round + 1));
        CHECK("first", pop(place.ring) == 2 * round);
        CHECK("second", pop(place.ring) == 2 * round + 1);
    }
    assert_int_equal(place.ring.dropped(), 0);
}

void what_has_no_room_is_counted(void**) {
    Place place;
    const std::size_t size = place.zone->requests().size();
    for (std::size_t number = 0; number < size; number++) {
        CHECK("room", push(place.ring, number));
    }
    CHECK("full", !push(place.ring, size) && place.ring.dropped() == 1 && place.ring.size() == size);
    CHECK("the oldest stay", pop(place.ring) == 0);
    CHECK("room again", push(place.ring, size));
}

void a_killed_writer_or_reader_stops_nobody(void**) {
    Place place;
    const std::size_t size = place.zone->requests().size();
    Header& header = place.zone->header();
    header.requests_written.fetch_add(1); // a writer has claimed its turn
    CHECK("written behind it", push(place.ring, 1));
    CHECK("stuck", !pop(place.ring));
    const auto stuck = place.ring.find_stuck();
    CHECK("found", stuck && stuck->is_writer && stuck->turn == 0);
    place.ring.free_stuck(*stuck);
    CHECK("goes on", pop(place.ring) == 1 && place.ring.dropped() == 1);

    CHECK("one more", push(place.ring, 2));
    header.requests_read.fetch_add(1); // a reader has claimed it
    for (std::size_t number = 3; number < size + 2; number++) {
        CHECK("written", push(place.ring, number));
        CHECK("read", pop(place.ring).has_value());
    }
    CHECK("stuck there", !push(place.ring, 0));
    const auto end = place.ring.find_stuck();
    CHECK("found there", end && !end->is_writer);
    place.ring.free_stuck(*end);
    CHECK("goes on there", push(place.ring, 9) && pop(place.ring) == 9);
    CHECK("nothing else is", !place.ring.find_stuck());
}

void many_at_once_lose_nothing(void**) {
    constexpr std::uint64_t each = 50'000;
    constexpr unsigned writers = 3;
    Place place;
    std::atomic<std::uint64_t> written{0};
    std::vector<std::thread> threads;
    for (unsigned writer = 0; writer < writers; writer++) {
        threads.emplace_back([&, writer] {
            for (std::uint64_t number = 0; number < each; number++) {
                written += push(place.ring, writer * each + number) ? 1 : 0;
            }
        });
    }
    std::set<std::uint64_t> seen;
    std::uint64_t read = 0;
    const auto drain = [&] {
        while (const std::optional<std::uint64_t> number = pop(place.ring)) {
            seen.insert(*number);
            read++;
        }
    };
    while (read + place.ring.dropped() < writers * each) {
        drain();
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    drain();
    CHECK("each once", seen.size() == read && read == written);
    CHECK("all accounted for", read + place.ring.dropped() == writers * each);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_in_its_order),

        cmocka_unit_test(what_has_no_room_is_counted),
        cmocka_unit_test(a_killed_writer_or_reader_stops_nobody),
        cmocka_unit_test(many_at_once_lose_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
