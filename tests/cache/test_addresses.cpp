#include "cache/addresses.h"

#include "lib/zone_memory.h"

// cmocka has a macro by the name of a standard function
#include "lib/check.h"

using namespace api_key;
using namespace api_key::cache;

namespace {

constexpr std::uint64_t now_ms = 100'000'000;

struct Place {
    test::Memory memory;
    std::optional<Zone> zone = Zone::format(memory.span(), test::no_mutex());
    Addresses addresses{*zone};
};

Address network(std::string_view text) {
    return network_of(*parse_address(text));
}

Address numbered(std::uint32_t number) {
    const std::array<std::uint8_t, 4> bytes{10, static_cast<std::uint8_t>(number >> 16U), static_cast<std::uint8_t>(number >> 8U),
                                            static_cast<std::uint8_t>(number)};
    return address_from_ipv4(bytes);
}

void blocks_until_the_end(void**) {
    Place place;
    place.addresses.block({network("192.0.2.1"), now_ms + 1000});
    assert_true(place.addresses.is_blocked(network("192.0.2.1"), now_ms + 999));
    assert_true(place.addresses.is_blocked(network("::ffff:192.0.2.1"), now_ms));
    assert_false(place.addresses.is_blocked(network("192.0.2.1"), now_ms + 1000));
    assert_false(place.addresses.is_blocked(network("192.0.2.2"), now_ms));
    place.addresses.block({network("2001:db8::1"), now_ms + 1000});
    assert_true(place.addresses.is_blocked(network("2001:db8::ffff"), now_ms));
    assert_false(place.addresses.is_blocked(network("2001:db8:0:1::"), now_ms));
}

void follows_the_list(void**) {
    Place place;
    place.addresses.block({network("192.0.2.1"), now_ms + 1000});
    const std::array<NetworkBlock, 1> blocks{{{network("192.0.2.2"), now_ms + 1000}}};
    place.addresses.replace(blocks, 5);
    assert_int_equal(place.addresses.version(), 5);
    assert_false(place.addresses.is_blocked(network("192.0.2.1"), now_ms));
    assert_true(place.addresses.is_blocked(network("192.0.2.2"), now_ms));
    place.addresses.replace({}, 6);
    assert_false(place.addresses.is_blocked(network("192.0.2.2"), now_ms));
}

void forgets_those_that_end_first_when_full(void**) {
    Place place;
    constexpr std::uint32_t count = 5000;
    for (std::uint32_t number = 0; number < count; number++) {
        place.addresses.block({numbered(number), now_ms + 1 + number});
    }
    std::uint32_t blocked = 0;
    for (std::uint32_t number = 0; number < count; number++) {
        blocked += place.addresses.is_blocked(numbered(number), now_ms) ? 1 : 0;
    }
    CHECK("as many as there is room for", blocked == place.zone->addresses().size() * address_ways);
    CHECK("the last", place.addresses.is_blocked(numbered(count - 1), now_ms));
    CHECK("the first", !place.addresses.is_blocked(numbered(0), now_ms));
}

void counts_a_wrong_key_once_a_minute(void**) {
    Place place;
    assert_false(place.addresses.was_counted(network("192.0.2.1"), 7, now_ms));
    place.addresses.remember_counted(network("192.0.2.1"), 7, now_ms);
    assert_true(place.addresses.was_counted(network("192.0.2.1"), 7, now_ms + 59'000));
    assert_false(place.addresses.was_counted(network("192.0.2.1"), 7, now_ms + 61'000));
    assert_false(place.addresses.was_counted(network("192.0.2.1"), 8, now_ms));
    assert_false(place.addresses.was_counted(network("192.0.2.2"), 7, now_ms));
    for (std::uint64_t key = 100; key < 20'000; key++) {
        place.addresses.remember_counted(network("192.0.2.1"), key, now_ms);
    }
    assert_true(place.addresses.was_counted(network("192.0.2.1"), 19'999, now_ms));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(blocks_until_the_end),
        cmocka_unit_test(follows_the_list),
        cmocka_unit_test(forgets_those_that_end_first_when_full),
        cmocka_unit_test(counts_a_wrong_key_once_a_minute),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
