#include "cache/request_ring.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key::cache;

namespace {

struct Place {
    test::Memory memory;
    std::optional<Zone> zone = Zone::format(memory.span(), test::no_mutex());
    RequestRing ring{*zone};
};

LoggedRequest numbered(std::uint64_t number) {
    LoggedRequest request{};
    request.key_id = number;
    return request;
}

void what_is_written_is_read_in_its_order(void**) {
    Place place;
    LoggedRequest out{};
    CHECK("nothing", !place.ring.pop(out));
    for (std::uint64_t round = 0; round < 1000; round++) {
        CHECK("one", place.ring.push(numbered(2 * round), {"GET", "id", "model", "/a"}));
        CHECK("two", place.ring.push(numbered(2 * round + 1), {"POST", "", "", "/b"}));
        CHECK("first", place.ring.pop(out) && out.key_id == 2 * round);
        const RequestTexts texts = texts_of(out);
        CHECK("texts", texts.method == "GET" && texts.request_id == "id" && texts.model == "model" && texts.path == "/a");
        CHECK("second", place.ring.pop(out) && out.key_id == 2 * round + 1 && texts_of(out).path == "/b");
    }
    assert_int_equal(place.ring.dropped(), 0);
}

void long_texts_are_cut(void**) {
    Place place;
    const std::string text(1000, 'x');
    CHECK("written", place.ring.push(numbered(1), {text, text, text, text}));
    LoggedRequest out{};
    CHECK("read", place.ring.pop(out));
    const RequestTexts texts = texts_of(out);
    CHECK("sizes", texts.method.size() == 16 && texts.request_id.size() == 64 && texts.model.size() == 128 && texts.path.size() == 200);
    out.sizes = {65535, 65535, 65535, 65535};
    CHECK("garbage stays inside", texts_of(out).method.size() == LoggedRequest::text_size);
}

void what_has_no_room_is_counted(void**) {
    Place place;
    const std::size_t size = place.zone->requests().size();
    for (std::size_t number = 0; number < size; number++) {
        CHECK("room", place.ring.push(numbered(number), {}));
    }
    CHECK("full", !place.ring.push(numbered(size), {}) && place.ring.dropped() == 1 && place.ring.size() == size);
    LoggedRequest out{};
    CHECK("the oldest stay", place.ring.pop(out) && out.key_id == 0);
    CHECK("room again", place.ring.push(numbered(size), {}));
}

void a_killed_writer_or_reader_stops_nobody(void**) {
    Place place;
    const std::size_t size = place.zone->requests().size();
    Header& header = place.zone->header();
    header.requests_written.fetch_add(1); // a writer had taken its place
    CHECK("written behind it", place.ring.push(numbered(1), {}));
    LoggedRequest out{};
    CHECK("stuck", !place.ring.pop(out));
    const auto stuck = place.ring.find_stuck();
    CHECK("found", stuck && stuck->is_writer && stuck->turn == 0);
    place.ring.free_stuck(*stuck);
    CHECK("goes on", place.ring.pop(out) && out.key_id == 1 && place.ring.dropped() == 1);

    CHECK("one more", place.ring.push(numbered(2), {}));
    header.requests_read.fetch_add(1); // a reader had taken it
    for (std::size_t number = 3; number < size + 2; number++) {
        CHECK("written", place.ring.push(numbered(number), {}));
        CHECK("read", place.ring.pop(out));
    }
    CHECK("stuck there", !place.ring.push(numbered(0), {}));
    const auto end = place.ring.find_stuck();
    CHECK("found there", end && !end->is_writer);
    place.ring.free_stuck(*end);
    CHECK("goes on there", place.ring.push(numbered(9), {}) && place.ring.pop(out) && out.key_id == 9);
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
                written += place.ring.push(numbered(writer * each + number), {"GET", "", "", "/"}) ? 1 : 0;
            }
        });
    }
    std::set<std::uint64_t> seen;
    std::uint64_t read = 0;
    const auto drain = [&] {
        LoggedRequest out{};
        while (place.ring.pop(out)) {
            seen.insert(out.key_id);
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
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(what_has_no_room_is_counted),
        cmocka_unit_test(a_killed_writer_or_reader_stops_nobody),
        cmocka_unit_test(many_at_once_lose_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
