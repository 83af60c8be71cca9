#include "core/secrets/pepper.h"

#include <fstream>
#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

const std::string first_secret = "000102030405060708090a0b0c0d0e0f";
const std::string second_secret = "ffffffffffffffffffffffffffffffffff";

std::string line(unsigned version, const std::string& secret) {
    return std::to_string(version) + ":" + secret + "\n";
}

std::uint8_t next_byte = 0;

bool counting_bytes(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        byte = next_byte++;
    }
    return true;
}

bool no_bytes(std::span<std::uint8_t>) {
    return false;
}

Peppers peppers_of(const std::string& text) {
    Result<Peppers> peppers = Peppers::parse(text);
    CHECK(text, static_cast<bool>(peppers));
    return std::move(*peppers);
}

void files_that_are_read(void**) {
    std::string most;
    for (unsigned version = 1; version <= Peppers::max_versions; version++) {
        most += line(version, first_secret);
    }
    const struct {
        std::string text;
        std::size_t size;
        unsigned signs;
    } rows[] = {
        {"1:" + first_secret, 1, 1},
        {line(1, first_secret), 1, 1},
        {line(65535, first_secret), 1, 65535},
        {line(2, second_secret) + line(1, first_secret), 2, 2},
        {"# a comment\n\n  \t\n" + line(3, first_secret) + "#" + line(4, second_secret), 1, 3},
        {"1:" + first_secret + "\r\n2:" + second_secret + "\r\n", 2, 1},
        {"  1:" + first_secret + "  \n", 1, 1},
        {"# rotated in May\n\n 2:" + second_secret + " \r\n1:" + first_secret + "\n", 2, 2},
        {"1:ABCDEFabcdef00112233445566778899", 1, 1},
        {line(1, std::string(512, 'a')), 1, 1},
        {most, Peppers::max_versions, 1},
    };
    for (const auto& row : rows) {
        const Peppers peppers = peppers_of(row.text);
        CHECK(row.text, peppers.size() == row.size);
        CHECK(row.text, peppers.version(0) == row.signs);
    }
}

void files_that_are_refused(void**) {
    std::string too_many;
    for (unsigned version = 1; version <= Peppers::max_versions + 1; version++) {
        too_many += line(version, first_secret);
    }
    const struct {
        std::string text;
        std::string_view field;
    } rows[] = {
        {"", ""},
        {"\n\n", ""},
        {"# only a comment\n", ""},
        {first_secret, "line 1"},
        {":" + first_secret, "line 1"},
        {"0:" + first_secret, "line 1"},
        {"65536:" + first_secret, "line 1"},
        {"4294967297:" + first_secret, "line 1"},
        {"-1:" + first_secret, "line 1"},
        {"+1:" + first_secret, "line 1"},
        {"x:" + first_secret, "line 1"},
        {"1:zz" + first_secret, "line 1"},
        {"1:abc", "line 1"},
        {"\n1" + first_secret, "line 2"},
        {"1 :" + first_secret, "line 1"},
        {"1: " + first_secret, "line 1"},
        {"1=" + first_secret, "line 1"},
        {"1", "line 1"},
        {"1:", "line 1"},
        {"1:" + first_secret.substr(2), "line 1"},
        {"1:" + first_secret + "0", "line 1"},
        {"1:" + first_secret + "0g", "line 1"},
        {"1:" + std::string(514, 'a'), "line 1"},
        {line(1, first_secret) + "\n# x\n" + line(1, second_secret), "line 4"},
        {line(1, first_secret) + "rubbish", "line 2"},
        {too_many, "line 9"},
        {"1:" + first_secret + std::string(1, '\0'), "line 1"},
    };
    for (const auto& row : rows) {
        const Result<Peppers> peppers = Peppers::parse(row.text);
        CHECK(row.text, !peppers);
        CHECK_TEXT(row.text, peppers.error().field, row.field);
        CHECK(row.text, !peppers.error().message.empty());
        CHECK(row.text, peppers.error().message.find(first_secret.substr(4, 12)) == std::string::npos);
    }
}

// Computed with Python's hmac.
void the_digest_of_a_key(void**) {
    const Peppers peppers = peppers_of(line(9, first_secret) + line(2, second_secret));
    const std::optional<Digest> digest = peppers.digest(0, *sha256("abc"));
    assert_string_equal(to_hex(as_bytes(*digest)).c_str(), "4f73af82ac09be538c5f132a1c9df2d5fa965d517555646d4aa5b00267bf986a");
    assert_true(digest == hmac_sha256(*from_hex(first_secret), as_bytes(*sha256("abc"))));
    const std::optional<Digest> other = peppers.digest(1, *sha256("abc"));
    assert_true(other.has_value() && other != digest);
    assert_true(peppers.digest(0, *sha256("abc")) == digest);
    assert_int_equal(peppers.version(0), 9);
    assert_int_equal(peppers.version(1), 2);
}

void moved_peppers_still_sign(void**) {
    Peppers first = peppers_of(line(1, first_secret));
    const std::optional<Digest> digest = first.digest(0, *sha256("abc"));
    Peppers second = std::move(first);
    assert_true(second.digest(0, *sha256("abc")) == digest);
    Peppers third;
    assert_int_equal(third.size(), 0);
    third = std::move(second);
    assert_int_equal(third.size(), 1);
    assert_true(third.digest(0, *sha256("abc")) == digest);
}

void what_is_sealed_can_be_opened(void**) {
    const Peppers peppers = peppers_of(line(300, first_secret));
    for (const std::string& plain :
         {std::string(), std::string("x"), std::string("{\"id\":7,\"key\":\"ms-…\"}"), std::string(100'000, 'p')}) {
        const std::string sealed = peppers.seal(plain, "context", counting_bytes);
        CHECK(plain.substr(0, 40), !sealed.empty());
        CHECK(plain.substr(0, 40), peppers.open(sealed, "context") == plain);
        CHECK(plain.substr(0, 40), plain.size() < 4 || sealed.find(plain.substr(0, 4)) == std::string::npos);
        CHECK(plain.substr(0, 40), !peppers.open(sealed, "another context").has_value());
        CHECK(plain.substr(0, 40), !peppers.open(sealed, "").has_value());
    }
    assert_true(peppers.seal("plain", "context", counting_bytes) != peppers.seal("plain", "context", counting_bytes));
}

void a_new_pepper_opens_what_an_old_one_sealed(void**) {
    const std::string sealed = peppers_of(line(1, first_secret)).seal("plain", "context", counting_bytes);
    assert_true(peppers_of(line(2, second_secret) + line(1, first_secret)).open(sealed, "context") == std::string("plain"));
    assert_false(peppers_of(line(2, second_secret)).open(sealed, "context").has_value());
    assert_false(peppers_of(line(1, second_secret)).open(sealed, "context").has_value());
}

void nothing_that_was_changed_opens(void**) {
    const Peppers peppers = peppers_of(line(1, first_secret));
    const std::string sealed = peppers.seal("plain text", "context", counting_bytes);
    for (std::size_t index = 0; index < sealed.size(); index++) {
        std::string changed = sealed;
        changed[index] = static_cast<char>(changed[index] ^ 0x40);
        assert_false(peppers.open(changed, "context").has_value());
        assert_false(peppers.open(std::string_view(sealed).substr(0, index), "context").has_value());
    }
    assert_false(peppers.open(sealed + "x", "context").has_value());
    assert_false(peppers.open("", "context").has_value());
}

void without_random_bytes_nothing_is_sealed(void**) {
    assert_true(peppers_of(line(1, first_secret)).seal("plain", "context", no_bytes).empty());
}

// Linux marks a mapping that core dumps leave out with "dd".
void the_secrets_stand_in_memory_that_is_not_dumped(void**) {
    const PrivateMemory memory(4096);
    assert_non_null(memory.data());
    std::ifstream maps("/proc/self/smaps");
    std::string text;
    bool inside = false;
    bool left_out = false;
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    while (std::getline(maps, text)) {
        unsigned long begin = 0;
        unsigned long end = 0;
        if (std::sscanf(text.c_str(), "%lx-%lx ", &begin, &end) == 2) {
            inside = begin <= address && address < end;
        }
        if (inside && text.starts_with("VmFlags:")) {
            left_out = text.find(" dd") != std::string::npos;
        }
    }
    assert_true(left_out);
}

void private_memory_moves(void**) {
    PrivateMemory first(100);
    auto* bytes = static_cast<unsigned char*>(first.data());
    assert_int_equal(first.size(), 100);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[99], 0);
    bytes[99] = 7;
    PrivateMemory second(std::move(first));
    assert_ptr_equal(second.data(), bytes);
    assert_int_equal(bytes[99], 7);
    PrivateMemory third;
    assert_null(third.data());
    third = std::move(second);
    assert_ptr_equal(third.data(), bytes);
    assert_int_equal(third.size(), 100);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_read),
        cmocka_unit_test(files_that_are_refused),
        cmocka_unit_test(the_digest_of_a_key),
        cmocka_unit_test(moved_peppers_still_sign),
        cmocka_unit_test(what_is_sealed_can_be_opened),
        cmocka_unit_test(a_new_pepper_opens_what_an_old_one_sealed),
        cmocka_unit_test(nothing_that_was_changed_opens),
        cmocka_unit_test(without_random_bytes_nothing_is_sealed),
        cmocka_unit_test(the_secrets_stand_in_memory_that_is_not_dumped),
        cmocka_unit_test(private_memory_moves),
    };
    return cmocka_run_group_tests_name("pepper", tests, nullptr, nullptr);
}
