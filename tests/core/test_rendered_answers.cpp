#include "core/documents/rendered_answers.h"

#include <string>
#include <vector>

#include "lib/check.h"

namespace {

using api_key::Answer;
using api_key::ErrorFormat;
using api_key::render;
using api_key::RenderedAnswers;

constexpr ErrorFormat formats[] = {ErrorFormat::automatic, ErrorFormat::simple, ErrorFormat::openai,
                                   ErrorFormat::anthropic, ErrorFormat::gemini, ErrorFormat::problem};

std::vector<Answer> different_answers() {
    Answer answer;
    answer.message = "no";
    answer.request_id = "1";
    std::vector<Answer> all{answer};
    const auto add = [&](auto change) {
        change(answer);
        all.push_back(answer);
    };
    add([](Answer& one) { one.status = 429; });
    add([](Answer& one) { one.code = "code"; });
    add([](Answer& one) { one.param = "param"; });
    add([](Answer& one) { one.limit = {"daily", 3, 3}; });
    add([](Answer& one) { one.limit->used = 4; });
    add([](Answer& one) { one.limit->cap = 4; });
    add([](Answer& one) { one.limit->name = "weekly"; });
    add([](Answer& one) { one.reset_ms = 1'000; });
    add([](Answer& one) { one.reset_ms = 2'000; });
    add([](Answer& one) { one.spend = {"monthlyLimit", 1, 2, 3}; });
    add([](Answer& one) { one.spend->used_micro_credits = 5; });
    add([](Answer& one) { one.spend->cap_micro_credits = 6; });
    add([](Answer& one) { one.request_id = "2"; });
    return all;
}

void each_answer_is_as_it_would_be_rendered_and_so_is_its_repetition(void**) {
    RenderedAnswers rendered;
    for (int round = 0; round < 2; round++) {
        for (const Answer& answer : different_answers()) {
            for (const ErrorFormat format : formats) {
                const std::string expected = render(format, answer);
                CHECK_TEXT(expected, rendered.body(format, answer), expected);
            }
        }
    }
}

void texts_that_end_where_others_begin_are_told_apart(void**) {
    RenderedAnswers rendered;
    Answer one;
    one.message = "ab";
    one.code = "c";
    Answer other;
    other.message = "a";
    other.code = "bc";
    const std::string first = rendered.body(ErrorFormat::openai, one);
    assert_string_equal(rendered.body(ErrorFormat::openai, other).c_str(), render(ErrorFormat::openai, other).c_str());
    assert_string_equal(first.c_str(), render(ErrorFormat::openai, one).c_str());
}

void a_repeated_answer_is_the_same_text(void**) {
    RenderedAnswers rendered;
    Answer answer;
    answer.message = "no";
    const std::string* const first = &rendered.body(ErrorFormat::openai, answer);
    assert_ptr_equal(first, &rendered.body(ErrorFormat::openai, answer));
}

void more_answers_than_are_kept_are_good_too(void**) {
    RenderedAnswers rendered;
    for (int index = 0; index < 1'000; index++) {
        const std::string message = std::to_string(index);
        Answer answer;
        answer.message = message;
        CHECK_TEXT(message, rendered.body(ErrorFormat::simple, answer), render(ErrorFormat::simple, answer));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_is_as_it_would_be_rendered_and_so_is_its_repetition),
        cmocka_unit_test(texts_that_end_where_others_begin_are_told_apart),
        cmocka_unit_test(a_repeated_answer_is_the_same_text),
        cmocka_unit_test(more_answers_than_are_kept_are_good_too),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
