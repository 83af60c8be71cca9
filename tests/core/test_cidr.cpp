#include "core/policy/cidr.h"

#include "core/secrets/digest.h"
#include "lib/check.h"

namespace {

using namespace api_key;

std::string hex(const Address& address) {
    return to_hex({reinterpret_cast<const char*>(address.data()), address.size()});
}

void addresses_that_are_read(void**) {
    const struct {
        std::string_view text;
        std::string_view bytes;
    } rows[] = {
        {"1.2.3.4", "00000000000000000000ffff01020304"},
        {"255.255.255.255", "00000000000000000000ffffffffffff"},
        {"0.0.0.0", "00000000000000000000ffff00000000"},
        {"::ffff:1.2.3.4", "00000000000000000000ffff01020304"},
        {"::FFFF:102:304", "00000000000000000000ffff01020304"},
        {"::", "00000000000000000000000000000000"},
        {"::1", "00000000000000000000000000000001"},
        {"2001:db8::1", "20010db8000000000000000000000001"},
        {"2001:DB8:0:0:0:0:0:1", "20010db8000000000000000000000001"},
    };
    for (const auto& row : rows) {
        const std::optional<Address> address = parse_address(row.text);
        CHECK(row.text, address.has_value());
        CHECK_TEXT(row.text, hex(*address), row.bytes);
    }
    const std::array<std::uint8_t, 4> ipv4{1, 2, 3, 4};
    assert_true(address_from_ipv4(ipv4) == *parse_address("1.2.3.4"));
}

void addresses_that_are_refused(void**) {
    for (const std::string_view text : {"",          " ",         "1",         "1.2.3",       "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
                                        "1.2.3.4 ",  " 1.2.3.4",  "1.2.3.4\n", "0x1.2.3.4",   "-1.2.3.4",  "1.2.3.a",   "1.2.3.4:80",
                                        ":",         ":::",       "1::2::3",   "2001:db8::g", "12345::",   "[::1]",     "fe80::1%eth0",
                                        "localhost", "1.2.3.4/8", "::1/8"}) {
        CHECK(text, !parse_address(text).has_value());
    }
    assert_false(parse_address(std::string_view("1.2.3.4\0x", 9)).has_value());
    assert_false(parse_address(std::string_view("::1\0", 4)).has_value());
    assert_false(parse_address(std::string(70'000, '1')).has_value());
}

void blocks_that_are_read(void**) {
    const struct {
        std::string_view text;
        int bits;
    } rows[] = {
        {"10.0.0.0/8", 104},          {"0.0.0.0/0", 96},   {"1.2.3.4", 128},    {"1.2.3.4/32", 128}, {"192.168.0.0/16", 112},
        {"2001:db8::/32", 32},        {"::/0", 0},         {"::1", 128},        {"::1/128", 128},    {"2001:db8::8000/113", 113},
        {"::ffff:10.0.0.0/104", 104}, {"1.2.3.4/31", 127}, {"128.0.0.0/1", 97},
    };
    for (const auto& row : rows) {
        const std::optional<AddressBlock> block = parse_address_block(row.text);
        CHECK(row.text, block.has_value());
        CHECK(row.text, block->prefix_bits == row.bits);
    }
}

void blocks_that_are_refused(void**) {
    for (const std::string_view text : {"",
                                        "/",
                                        "/8",
                                        "10.0.0.0/",
                                        "10.0.0.0/33",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/+8",
                                        "10.0.0.0/08",
                                        "10.0.0.0/00",
                                        "10.0.0.0/8 ",
                                        "10.0.0.0 /8",
                                        "10.0.0.0/ 8",
                                        "10.0.0.0/8/8",
                                        "10.0.0.0/8x",
                                        "10.0.0.0/x",
                                        "10.0.0.0/255.0.0.0",
                                        "10.0.0.0/4294967304",
                                        "10.0.0.1/8",
                                        "1.2.3.5/31",
                                        "0.0.0.1/0",
                                        "2001:db8::1/32",
                                        "2001:db8::/129",
                                        "::1/0",
                                        "::/256",
                                        "10.0.0/8",
                                        "10/8",
                                        "fe80::%eth0/10",
                                        "10.0.0.0-10.0.0.9",
                                        "*"}) {
        CHECK(text, !parse_address_block(text).has_value());
    }
}

void what_a_block_contains(void**) {
    const struct {
        std::string_view block;
        std::string_view address;
        bool inside;
    } rows[] = {
        {"10.0.0.0/8", "10.0.0.0", true},
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "9.255.255.255", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "::10.1.2.3", false},
        {"10.0.0.0/8", "2001:db8::1", false},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"0.0.0.0/0", "1.2.3.4", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"1.2.3.4", "1.2.3.4", true},
        {"1.2.3.4", "1.2.3.5", false},
        {"1.2.3.4/31", "1.2.3.5", true},
        {"1.2.3.4/31", "1.2.3.6", false},
        {"192.0.2.128/25", "192.0.2.129", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/32", "1.2.3.4", false},
        {"2001:db8:8000::/33", "2001:db8:8000::1", true},
        {"2001:db8:8000::/33", "2001:db8:7fff::1", false},
        {"::1", "::1", true},
        {"::1", "::2", false},
        {"::/0", "2001:db8::1", true},
    };
    for (const auto& row : rows) {
        const bool inside = contains(*parse_address_block(row.block), *parse_address(row.address));
        CHECK(std::string(row.block) + " " + std::string(row.address), inside == row.inside);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_read), cmocka_unit_test(addresses_that_are_refused), cmocka_unit_test(blocks_that_are_read),
        cmocka_unit_test(blocks_that_are_refused), cmocka_unit_test(what_a_block_contains),
    };
    return cmocka_run_group_tests_name("cidr", tests, nullptr, nullptr);
}
