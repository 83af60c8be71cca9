#include "core/policy/record.h"

#include <cstring>

#include "core/policy/cidr.h"
#include "lib/check.h"

namespace {

using namespace api_key;

KeyRecord full_record() {
    KeyRecord record;
    record.id = 0xffff'ffff'ffff'fffe;
    record.account = 3;
    record.version = 12;
    record.name = "Büro";
    record.alias = "alias";
    record.category = "category";
    record.type = "proxy";
    record.prefix = "ms-abcde";
    record.plan = "pro";
    record.active = false;
    record.created_ms = 1;
    record.expires_ms = 2'000;
    record.last_used_ms = 1'500;
    record.models = {"gpt-4o*", "claude-*", "x"};
    record.quotas = {1, 0, std::nullopt, (std::int64_t{1} << 53) - 1};
    record.monthly_limit_micro_credits = 0;
    record.allowed_ips = {"10.0.0.0/8", "2001:db8::/32"};
    record.role = Role::billing_viewer;
    return record;
}

std::vector<std::byte> packed(const KeyRecord& record, std::int64_t secret_until_ms = 0) {
    std::vector<std::byte> bytes(packed_size(record));
    assert_int_equal(pack(record, secret_until_ms, bytes), bytes.size());
    return bytes;
}

void check_same(std::string_view row, const KeyRecord& record, const RecordView& view) {
    CHECK(row, view.id == record.id && view.account == record.account && view.version == record.version);
    CHECK(row, view.active == record.active);
    CHECK(row, view.role == record.role.value_or(Role::owner));
    CHECK(row, view.expires_ms == record.expires_ms && view.last_used_ms == record.last_used_ms);
    CHECK_TEXT(row, view.name, record.name);
    CHECK_TEXT(row, view.alias, record.alias);
    CHECK_TEXT(row, view.category, record.category);
    CHECK_TEXT(row, view.type, record.type);
    CHECK_TEXT(row, view.plan, record.plan);
    CHECK(row, view.quotas() == record.quotas);
    CHECK(row, view.monthly_limit_micro_credits() == record.monthly_limit_micro_credits);
}

void what_was_packed_comes_out(void**) {
    const KeyRecord record = full_record();
    const std::vector<std::byte> bytes = packed(record);
    const std::optional<RecordView> view = unpack(bytes);
    assert_true(view.has_value());
    check_same("full", record, *view);
    assert_true(view->models == "gpt-4o*\nclaude-*\nx");
    assert_true(any_contains(view->allowed_ips, *parse_address("10.1.2.3")));
    assert_true(any_contains(view->allowed_ips, *parse_address("2001:db8::1")));
    assert_false(any_contains(view->allowed_ips, *parse_address("11.0.0.1")));
}

void an_allowed_address_that_is_none(void**) {
    KeyRecord record = full_record();
    record.allowed_ips.emplace_back("10.0.0.1/8");
    std::vector<std::byte> bytes(packed_size(record));
    assert_int_equal(pack(record, 0, bytes), 0);
}

void an_empty_record(void**) {
    const KeyRecord record;
    const std::vector<std::byte> bytes = packed(record);
    const std::optional<RecordView> view = unpack(bytes);
    assert_true(view.has_value());
    check_same("empty", record, *view);
    assert_true(view->models.empty() && view->allowed_ips.empty());
    assert_true(view->quotas() == Quotas{} && !view->has_quotas);
    assert_false(view->monthly_limit_micro_credits().has_value());
}

// ARCHITECTURE: at most 512 bytes of shared memory for such a key, all counters included.
void a_usual_record_is_small(void**) {
    KeyRecord record;
    record.name = "production backend";
    record.type = "proxy";
    record.quotas.daily = 10'000;
    assert_in_range(packed_size(record), 1, 200);
}

void the_earlier_end_holds(void**) {
    const struct {
        std::string_view row;
        std::int64_t expires_ms, secret_until_ms, packed;
    } rows[] = {
        {"neither", 0, 0, 0},
        {"only the key ends", 500, 0, 500},
        {"only the secret ends", 0, 400, 400},
        {"secret first", 500, 400, 400},
        {"key first", 300, 400, 300},
        {"at once", 400, 400, 400},
    };
    for (const auto& row : rows) {
        KeyRecord record = full_record();
        record.expires_ms = row.expires_ms;
        const std::vector<std::byte> bytes = packed(record, row.secret_until_ms);
        CHECK(row.row, unpack(bytes)->expires_ms == row.packed);
    }
}

void too_little_room_writes_nothing(void**) {
    const KeyRecord record = full_record();
    std::vector<std::byte> room(packed_size(record) + 5, std::byte{0x5a});
    for (std::size_t size = 0; size < packed_size(record); size++) {
        assert_int_equal(pack(record, 0, std::span(room).first(size)), 0);
        assert_true(room[0] == std::byte{0x5a});
    }
    assert_int_equal(pack(record, 0, room), packed_size(record));
    for (std::size_t index = packed_size(record); index < room.size(); index++) {
        assert_true(room[index] == std::byte{0x5a});
    }
}

void a_text_that_is_too_long_is_not_cut(void**) {
    KeyRecord record;
    record.name = std::string(0xffff, 'n');
    assert_true(unpack(packed(record)).has_value());
    record.name += 'n';
    std::vector<std::byte> room(packed_size(record));
    assert_int_equal(pack(record, 0, room), 0);
}

void only_whole_records_are_read(void**) {
    std::vector<std::byte> bytes = packed(full_record());
    for (std::size_t size = 0; size < bytes.size(); size++) {
        const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        assert_false(unpack(cut).has_value());
    }
    bytes.push_back(std::byte{0});
    assert_false(unpack(bytes).has_value());
    assert_false(unpack({}).has_value());
}

// Whatever single byte is overwritten, the result is nothing, or views within the bytes.
void overwritten_bytes_never_lead_outside(void**) {
    const std::vector<std::byte> bytes = packed(full_record());
    for (std::size_t index = 0; index < bytes.size(); index++) {
        for (const unsigned value : {0U, 1U, 0x7fU, 0x80U, 0xffU}) {
            std::vector<std::byte> changed = bytes;
            changed[index] = static_cast<std::byte>(value);
            const std::optional<RecordView> view = unpack(changed);
            if (view) {
                const auto* end = reinterpret_cast<const char*>(changed.data() + changed.size());
                assert_true(view->allowed_ips.data() + view->allowed_ips.size() == end);
            }
        }
    }
}

void bytes_need_no_alignment(void**) {
    const KeyRecord record = full_record();
    const std::vector<std::byte> bytes = packed(record);
    for (std::size_t shift = 1; shift < 8; shift++) {
        std::vector<std::byte> shifted(bytes.size() + shift);
        std::memcpy(shifted.data() + shift, bytes.data(), bytes.size());
        const std::optional<RecordView> view = unpack(std::span(shifted).subspan(shift));
        assert_true(view.has_value());
        check_same("shifted", record, *view);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_comes_out),
        cmocka_unit_test(an_allowed_address_that_is_none),
        cmocka_unit_test(an_empty_record),
        cmocka_unit_test(a_usual_record_is_small),
        cmocka_unit_test(the_earlier_end_holds),
        cmocka_unit_test(too_little_room_writes_nothing),
        cmocka_unit_test(a_text_that_is_too_long_is_not_cut),
        cmocka_unit_test(only_whole_records_are_read),
        cmocka_unit_test(overwritten_bytes_never_lead_outside),
        cmocka_unit_test(bytes_need_no_alignment),
    };
    return cmocka_run_group_tests_name("record", tests, nullptr, nullptr);
}
