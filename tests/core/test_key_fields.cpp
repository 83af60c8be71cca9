#include "core/documents/key_fields.h"

#include <set>

#include "lib/check.h"

namespace {

using namespace api_key;

// Every member has a value that is not its default.
KeyRecord full_record() {
    KeyRecord record;
    record.id = 7;
    record.account = 3;
    record.version = 5;
    record.name = "n";
    record.alias = "a";
    record.category = "c";
    record.type = "proxy";
    record.prefix = "ms-abcde";
    record.plan = "pro";
    record.active = false;
    record.created_ms = 1'000;
    record.expires_ms = 2'000;
    record.last_used_ms = 3'000;
    record.digest.fill(0x41);
    record.pepper_version = 2;
    record.previous_digest.fill(0x42);
    record.previous_until_ms = 4'000;
    record.models = {"m", "*"};
    record.quotas = {1, 2, 3, 4};
    record.monthly_limit_micro_credits = 0;
    record.allowed_ips = {"::1", "10.0.0.0/8"};
    record.role = Role::viewer;
    return record;
}

void names_are_unique(void**) {
    std::set<std::string> in_documents;
    std::set<std::string> in_redis;
    for (const KeyField& field : key_fields()) {
        const std::string name = std::string(field.group) + "." + std::string(field.name);
        CHECK(name, field.name.empty() || in_documents.insert(name).second);
        CHECK(name, field.name.empty() == (field.write == nullptr));
        CHECK(name, field.stored_by == StoredBy::nobody ? field.hash_field.empty() : in_redis.emplace(field.hash_field).second);
        CHECK(name, field.documents == 0 || field.read != nullptr);
    }
}

void what_is_stored_is_read_again(void**) {
    const KeyRecord record = full_record();
    KeyRecord read;
    read.id = record.id;
    for (const KeyField& field : key_fields()) {
        if (field.stored_by != StoredBy::nobody) {
            const std::string text = field.to_store(record);
            CHECK(field.hash_field, !text.empty() && field.from_store(text, read));
        }
    }
    assert_true(read == record);
}

void what_is_not_stored_is_empty_or_missing(void**) {
    std::set<std::string_view> missing;
    KeyRecord read;
    for (const KeyField& field : key_fields()) {
        if (field.stored_by != StoredBy::nobody && !field.from_store(std::nullopt, read)) {
            missing.insert(field.hash_field);
        }
    }
    assert_true(missing == (std::set<std::string_view>{"account", "digest", "name", "on", "prefix", "type", "ver"}));
    KeyRecord empty;
    empty.active = false;
    assert_true(read == empty);
}

void what_is_malformed_is_refused(void**) {
    const struct {
        std::string_view field;
        std::string_view text;
    } rows[] = {
        {"account", "0"},
        {"account", ""},
        {"ver", "-1"},
        {"name", ""},
        {"type", ""},
        {"prefix", ""},
        {"on", ""},
        {"on", "2"},
        {"created", "x"},
        {"expires", ""},
        {"used", "1 "},
        {"digest", "41"},
        {"prev", ""},
        {"pepper", "65536"},
        {"until", "1e3"},
        {"total", ""},
        {"daily", "-1"},
        {"weekly", "x"},
        {"monthly", "9223372036854775808"},
        {"spend", "12.5"},
        {"ips", "::1\nx"},
    };
    for (const auto& row : rows) {
        bool is_known = false;
        for (const KeyField& field : key_fields()) {
            if (field.hash_field == row.field) {
                KeyRecord read;
                is_known = true;
                CHECK(row.field, !field.from_store(row.text, read));
            }
        }
        CHECK(row.field, is_known);
    }
}

void a_clone_has_the_scope_and_the_limits(void**) {
    const KeyRecord source = full_record();
    KeyRecord expected;
    expected.account = source.account;
    expected.name = source.name;
    expected.category = source.category;
    expected.type = source.type;
    expected.plan = source.plan;
    expected.models = source.models;
    expected.quotas = source.quotas;
    expected.monthly_limit_micro_credits = source.monthly_limit_micro_credits;
    expected.allowed_ips = source.allowed_ips;
    expected.role = source.role;
    assert_true(clone_of(source) == expected);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(what_is_stored_is_read_again),
        cmocka_unit_test(what_is_not_stored_is_empty_or_missing),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(a_clone_has_the_scope_and_the_limits),
    };
    return cmocka_run_group_tests_name("key_fields", tests, nullptr, nullptr);
}
