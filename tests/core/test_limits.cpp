#include "core/policy/limits.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'700'000'000'000;

WindowStates states_of(std::initializer_list<std::pair<Window, WindowState>> list) {
    WindowStates states{};
    for (const auto& [window, state] : list) {
        states[static_cast<std::size_t>(window)] = state;
    }
    return states;
}

void limits_stand_in_the_order_they_are_checked(void**) {
    const Limits limits = limits_of({3, 4, 5, 6}, {1, 2});
    for (std::size_t index = 0; index < window_count; index++) {
        assert_int_equal(*limits[index], index + 1);
    }
    assert_false(limits_of({}, {})[0].has_value());
}

void windows_have_names_lengths_and_words(void**) {
    const struct {
        Window window;
        std::string_view name;
        std::int64_t length_s;
        std::string_view message;
    } rows[] = {
        {Window::second, "second", 1, "You exceeded the per-second rate limit on your subscription"},
        {Window::minute, "minute", 60, "You exceeded the per-minute rate limit on your subscription"},
        {Window::total, "total", 0, "Rate limit exceeded: quota total"},
        {Window::daily, "daily", 86400, "Rate limit exceeded: quota daily"},
        {Window::weekly, "weekly", 604800, "Rate limit exceeded: quota weekly"},
        {Window::monthly, "monthly", 2592000, "Rate limit exceeded: quota monthly"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.name, window_name(row.window), row.name);
        CHECK_TEXT(row.name, refusal_message(row.window), row.message);
        CHECK(row.name, info(row.window).length_ms == row.length_s * 1000);
    }
}

void buckets_have_names_and_widths_that_are_stored(void**) {
    const struct {
        Window window;
        std::string_view ring;
        std::int64_t bucket_ms;
        std::int64_t bucket_count;
        std::size_t reset_slot;
    } rows[] = {
        {Window::second, "second", 100, 11, 0},      {Window::minute, "minute", 1000, 61, 1},      {Window::daily, "day", 300'000, 289, 0},
        {Window::weekly, "hour", 3'600'000, 169, 1}, {Window::monthly, "hour", 3'600'000, 721, 2},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.ring, info(row.window).ring, row.ring);
        CHECK(row.ring, info(row.window).bucket_ms == row.bucket_ms && bucket_count(row.window) == row.bucket_count);
        CHECK(row.ring, reset_slot(row.window) == row.reset_slot);
    }
    assert_false(is_rolling(Window::total));
}

void nothing_remains_of_a_limit_that_was_lowered(void**) {
    assert_int_equal((WindowState{10, 4, 0}.remaining()), 6);
    assert_int_equal((WindowState{10, 10, 0}.remaining()), 0);
    assert_int_equal((WindowState{10, 14, 0}.remaining()), 0);
}

void headers_name_the_tightest_first(void**) {
    const WindowStates states = states_of({{Window::second, {10, 3, now_ms + 700}},
                                           {Window::total, {1000, 998, 0}},
                                           {Window::daily, {100, 98, now_ms + 3'600'000}},
                                           {Window::monthly, {5000, 6000, now_ms + 1}}});
    CHECK_TEXT("policy", rate_limit_policy(states),
               R"("monthly";q=5000;w=2592000, "daily";q=100;w=86400, "total";q=1000, "second";q=10;w=1)");
    CHECK_TEXT("state", rate_limit(states, now_ms), R"("monthly";r=0;t=1, "daily";r=2;t=3600, "total";r=2, "second";r=7;t=1)");
    CHECK_TEXT("no limit", rate_limit_policy(WindowStates{}), "");
    CHECK_TEXT("a reset that has passed", rate_limit(states_of({{Window::daily, {5, 1, now_ms - 1}}}), now_ms), R"("daily";r=4;t=0)");
}

void when_to_come_back(void**) {
    const struct {
        std::string_view row;
        std::int64_t reset_ms;
        std::optional<std::int64_t> seconds;
    } rows[] = {
        {"never", 0, std::nullopt},
        {"now", now_ms, 1},
        {"passed", now_ms - 5000, 1},
        {"rounded up", now_ms + 1001, 2},
        {"a second", now_ms + 1000, 1},
        {"the last", now_ms + 60000, 60},
        {"too long", now_ms + 60001, std::nullopt},
    };
    for (const auto& row : rows) {
        CHECK(row.row, retry_after_s(row.reset_ms, now_ms) == row.seconds);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(limits_stand_in_the_order_they_are_checked),
        cmocka_unit_test(windows_have_names_lengths_and_words),
        cmocka_unit_test(buckets_have_names_and_widths_that_are_stored),
        cmocka_unit_test(nothing_remains_of_a_limit_that_was_lowered),
        cmocka_unit_test(headers_name_the_tightest_first),
        cmocka_unit_test(when_to_come_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
