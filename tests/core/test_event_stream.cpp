#include "core/text/event_stream.h"

#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

void finds_the_first_of_two(void**) {
    const struct {
        std::string_view bytes;
        std::size_t from;
        std::size_t at;
    } rows[] = {
        {"", 0, std::string_view::npos},    {"abc", 0, std::string_view::npos}, {"ab\nc\r", 0, 2}, {"a\r\n", 0, 1}, {"a\r\n", 2, 2},
        {"a\n", 2, std::string_view::npos},
    };
    for (const auto& row : rows) {
        CHECK(row.bytes, find_either(row.bytes, '\n', '\r', row.from) == row.at);
    }
}

void skips_whole_events_that_tell_nothing(void**) {
    const std::string quiet = "data: {\"delta\":\"word\"}\n\n";
    const std::string none = "data: {\"usage\":null}\r\n\r\n";
    const std::string telling = "data: {\"usage\":{}}\n\n";
    const std::string hidden = "data: {\"\\u0075sage\":{}}\n\n";
    const struct {
        std::string bytes;
        std::size_t size;
    } rows[] = {
        {"", 0},
        {"\n", 0},
        {"\n\n", 2},
        {"data: half", 0},
        {quiet, quiet.size()},
        {quiet + "data: half", quiet.size()},
        {quiet + none, quiet.size() + none.size()},
        {quiet + telling, quiet.size()},
        {quiet + telling + quiet, quiet.size()},
        {quiet + hidden + quiet, quiet.size()},
        {telling + quiet, 0},
        {"data: \"a\\n\"\n\n", 13},
        {quiet + "data: [DONE]\r\n\r\n", quiet.size()},
        {"data: [DONE]\n\n" + quiet, 0},
    };
    for (const auto& row : rows) {
        CHECK(row.bytes, uneventful_size(row.bytes) == row.size);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_first_of_two),
        cmocka_unit_test(skips_whole_events_that_tell_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
