#include "core/text/result.h"

#include <memory>

#include "lib/check.h"

namespace {

using api_key::Error;
using api_key::Result;

Result<std::unique_ptr<int>> half_of(int number) {
    if (number % 2 != 0) {
        return Error{"number", "is odd"};
    }
    return std::make_unique<int>(number / 2);
}

void a_value(void**) {
    Result<std::unique_ptr<int>> result = half_of(6);
    assert_true(static_cast<bool>(result));
    assert_int_equal(**result, 3);
    const std::unique_ptr<int> taken = std::move(*result);
    assert_int_equal(*taken, 3);
}

void an_error(void**) {
    const Result<std::unique_ptr<int>> result = half_of(7);
    assert_false(static_cast<bool>(result));
    assert_string_equal(result.error().field.c_str(), "number");
    assert_string_equal(result.error().message.c_str(), "is odd");
}

void a_member_of_the_value(void**) {
    const Result<std::string> text(std::string("fine"));
    assert_true(static_cast<bool>(text));
    assert_int_equal(text->size(), 4);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_value),
        cmocka_unit_test(an_error),
        cmocka_unit_test(a_member_of_the_value),
    };
    return cmocka_run_group_tests_name("result", tests, nullptr, nullptr);
}
