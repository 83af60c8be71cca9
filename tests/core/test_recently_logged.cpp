// Which repeated texts a log suppresses, and how many texts it takes at most.
#include "core/text/recently_logged.h"

#include "lib/check.h"

using namespace api_key;

namespace {

void each_is_logged_once(void**) {
    RecentlyLogged logged;
    assert_true(logged.is_new("out of memory", 1000));
    assert_true(logged.is_new("no replica", 1000));
    for (std::uint64_t now_ms = 1000; now_ms < 10 * RecentlyLogged::kept_ms; now_ms += 1000) {
        assert_false(logged.is_new("out of memory", now_ms));
        assert_false(logged.is_new("no replica", now_ms));
    }
}

void a_text_is_new_again_after_a_minute_without_it(void**) {
    RecentlyLogged logged;
    assert_true(logged.is_new("out of memory", 0));
    assert_false(logged.is_new("out of memory", RecentlyLogged::kept_ms - 1));
    assert_false(logged.is_new("out of memory", 2 * RecentlyLogged::kept_ms - 2));
    assert_true(logged.is_new("out of memory", 3 * RecentlyLogged::kept_ms - 2));
}

void only_a_few_are_remembered(void**) {
    RecentlyLogged logged;
    std::size_t accepted = 0;
    for (std::size_t index = 0; index < 10 * RecentlyLogged::max_texts; index++) {
        accepted += logged.is_new(std::to_string(index), index) ? 1 : 0;
    }
    assert_int_equal(accepted, RecentlyLogged::max_texts);
    assert_true(logged.is_new("later", 2 * RecentlyLogged::kept_ms));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_is_logged_once),
        cmocka_unit_test(a_text_is_new_again_after_a_minute_without_it),
        cmocka_unit_test(only_a_few_are_remembered),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
