#include "core/policy/request_outcome.h"

#include <string>

#include "lib/check.h"

namespace {

using api_key::AskedUpstream;
using api_key::outcome_of;
using api_key::outcome_of_status;
using api_key::RequestOutcome;

void a_status_tells_what_was_made(void**) {
    constexpr struct {
        std::uint64_t status;
        RequestOutcome outcome;
    } rows[] = {
        {0, RequestOutcome::failed},   {100, RequestOutcome::failed}, {101, RequestOutcome::served}, {199, RequestOutcome::failed},
        {200, RequestOutcome::served}, {203, RequestOutcome::served}, {204, RequestOutcome::empty},  {206, RequestOutcome::served},
        {299, RequestOutcome::served}, {300, RequestOutcome::empty},  {304, RequestOutcome::empty},  {399, RequestOutcome::empty},
        {400, RequestOutcome::failed}, {499, RequestOutcome::failed}, {502, RequestOutcome::failed}, {999, RequestOutcome::failed},
    };
    for (const auto& row : rows) {
        CHECK(std::to_string(row.status), outcome_of_status(row.status) == row.outcome);
    }
}

void an_upstream_that_answered_is_taken_at_its_word(void**) {
    for (const bool client_left : {false, true}) {
        for (const bool was_sent : {false, true}) {
            assert_true(outcome_of({200, true, was_sent}, client_left) == RequestOutcome::served);
            assert_true(outcome_of({304, true, was_sent}, client_left) == RequestOutcome::empty);
            assert_true(outcome_of({500, true, was_sent}, client_left) == RequestOutcome::failed);
        }
    }
}

void an_upstream_may_have_worked_for_a_client_that_left(void**) {
    for (const std::uint64_t status : {0, 200}) {
        const std::string row = std::to_string(status);
        CHECK(row, outcome_of({status, false, true}, true) == RequestOutcome::served);
        CHECK(row, outcome_of({status, false, false}, true) == RequestOutcome::failed);
        CHECK(row, outcome_of({status, false, true}, false) == RequestOutcome::failed);
    }
    for (const std::uint64_t status : {204, 302, 400, 502, 504}) {
        CHECK(std::to_string(status), outcome_of({status, false, true}, true) == RequestOutcome::failed);
    }
}

void outcomes_are_in_order(void**) {
    assert_true(RequestOutcome::failed < RequestOutcome::empty && RequestOutcome::empty < RequestOutcome::served);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_status_tells_what_was_made),
        cmocka_unit_test(an_upstream_that_answered_is_taken_at_its_word),
        cmocka_unit_test(an_upstream_may_have_worked_for_a_client_that_left),
        cmocka_unit_test(outcomes_are_in_order),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
