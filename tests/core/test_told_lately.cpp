// Which repeated texts a log suppresses, and how many texts it takes at most.
#include "core/text/told_lately.h"

#include "lib/check.h"

using namespace api_key;

namespace {

void each_is_told_once(void**) {
    ToldLately told;
    assert_true(told.is_news("out of memory", 1000));
    assert_true(told.is_news("no replica", 1000));
    for (std::uint64_t now_ms = 1000; now_ms < 10 * ToldLately::kept_ms; now_ms += 1000) {
        assert_false(told.is_news("out of memory", now_ms));
        assert_false(told.is_news("no replica", now_ms));
    }
}

void what_has_not_come_for_long_is_news_again(void**) {
    ToldLately told;
    assert_true(told.is_news("out of memory", 0));
    assert_false(told.is_news("out of memory", ToldLately::kept_ms - 1));
    assert_false(told.is_news("out of memory", 2 * ToldLately::kept_ms - 2));
    assert_true(told.is_news("out of memory", 3 * ToldLately::kept_ms - 2));
}

void no_more_than_a_few_are_told(void**) {
    ToldLately told;
    std::size_t news = 0;
    for (std::size_t index = 0; index < 10 * ToldLately::most; index++) {
        news += told.is_news(std::to_string(index), index) ? 1 : 0;
    }
    assert_int_equal(news, ToldLately::most);
    assert_true(told.is_news("later", 2 * ToldLately::kept_ms));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told_once),
        cmocka_unit_test(what_has_not_come_for_long_is_news_again),
        cmocka_unit_test(no_more_than_a_few_are_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
