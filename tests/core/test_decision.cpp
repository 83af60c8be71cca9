#include "core/policy/decision.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'700'000'000'000;

RecordView good_record() {
    RecordView record{};
    record.id = 7;
    record.active = true;
    record.type = "proxy";
    return record;
}

DecisionInput good_question(const RecordView& record) {
    DecisionInput input;
    input.credentials = 1;
    input.well_formed = true;
    input.declared_type = "proxy";
    input.type_is_allowed = true;
    input.store = StoreAnswer::found;
    input.record = &record;
    input.now_ms = now_ms;
    return input;
}

void a_good_key_passes(void**) {
    const RecordView record = good_record();
    assert_true(decide(good_question(record)) == Reason::none);
}

// Each row breaks one more rule than the row below it: the first broken rule decides.
void the_first_rule_that_fails_answers(void**) {
    RecordView record = good_record();
    DecisionInput input = good_question(record);
    input.type_is_allowed = false;
    assert_true(decide(input) == Reason::wrong_key_type);
    record.expires_ms = now_ms;
    assert_true(decide(input) == Reason::expired_key);
    record.active = false;
    assert_true(decide(input) == Reason::inactive_key);
    input.record = nullptr;
    input.store = StoreAnswer::unknown;
    assert_true(decide(input) == Reason::invalid_key);
    input.store = StoreAnswer::unavailable;
    assert_true(decide(input) == Reason::store_unavailable);
    input.store = StoreAnswer::not_asked;
    assert_false(decide(input).has_value());
    input.well_formed = false;
    assert_true(decide(input) == Reason::invalid_key);
    input.credentials = 2;
    assert_true(decide(input) == Reason::multiple_keys);
    input.credentials = 3;
    assert_true(decide(input) == Reason::multiple_keys);
    input.credentials = 0;
    assert_true(decide(input) == Reason::missing_key);
    input.address_blocked = true;
    assert_true(decide(input) == Reason::ip_blocked);
}

void an_address_that_is_not_allowed(void**) {
    RecordView record = good_record();
    const auto block = packed(*parse_address_block("10.0.0.0/8"));
    record.allowed_ips = {block.data(), block.size()};
    DecisionInput input = good_question(record);
    assert_true(decide(input) == Reason::ip_not_allowed); // a UNIX-domain socket has no address
    input.address = parse_address("10.1.2.3");
    assert_true(decide(input) == Reason::none);
    input.address = parse_address("11.1.2.3");
    assert_true(decide(input) == Reason::ip_not_allowed);
    input.type_is_allowed = false;
    assert_true(decide(input) == Reason::wrong_key_type);
}

// The type of a key is that of the store's record, not that of its text.
void a_record_of_another_type_than_the_prefix_says(void**) {
    RecordView record = good_record();
    record.type = "billing";
    assert_true(decide(good_question(record)) == Reason::wrong_key_type);
}

void when_a_key_has_expired(void**) {
    const struct {
        std::string_view row;
        std::int64_t expires_ms;
        bool expired;
    } rows[] = {
        {"never", 0, false}, {"later", now_ms + 1, false}, {"now", now_ms, true}, {"before", now_ms - 1, true}, {"long ago", 1, true},
    };
    for (const auto& row : rows) {
        RecordView record = good_record();
        record.expires_ms = row.expires_ms;
        CHECK(row.row, is_expired(record, now_ms) == row.expired);
        CHECK(row.row, decide(good_question(record)) == (row.expired ? Reason::expired_key : Reason::none));
    }
}

void a_request_without_a_question_is_refused(void**) {
    assert_true(decide(DecisionInput{}) == Reason::missing_key);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_good_key_passes),
        cmocka_unit_test(an_address_that_is_not_allowed),
        cmocka_unit_test(the_first_rule_that_fails_answers),
        cmocka_unit_test(a_record_of_another_type_than_the_prefix_says),
        cmocka_unit_test(when_a_key_has_expired),
        cmocka_unit_test(a_request_without_a_question_is_refused),
    };
    return cmocka_run_group_tests_name("decision", tests, nullptr, nullptr);
}
