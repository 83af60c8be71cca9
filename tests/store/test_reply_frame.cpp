// Finds the ends of replies, however they are cut, and rejects those that are too large to be built.
#include "store/reply_frame.h"

#include <string>

#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

constexpr std::string_view following = "+next\r\n";

void replies_end_where_they_end_however_they_are_cut(void**) {
    for (const std::string_view reply : {
             "+OK\r\n",
             "+a\nb\r\n",
             "-ERR no\r\n",
             ":-12\r\n",
             "$-1\r\n",
             "$0\r\n\r\n",
             "$5\r\nhello\r\n",
             "$7\r\na\r\n$1\r\n\r\n",
             "*-1\r\n",
             "*0\r\n",
             "*2\r\n$1\r\na\r\n:1\r\n",
             "*3\r\n*0\r\n*1\r\n$-1\r\n*2\r\n+a\r\n-b\r\n",
             "*2\r\n$3\r\n*9\r\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
         }) {
        const std::string bytes = std::string(reply) + std::string(following);
        for (std::size_t cut = 0; cut <= reply.size(); cut++) {
            ReplyFrame frame;
            std::size_t taken = frame.take(bytes.substr(0, cut));
            CHECK(reply, taken == cut && frame.is_whole() == (cut == reply.size()));
            taken += frame.take(std::string_view(bytes).substr(cut));
            CHECK(reply, taken == reply.size() && frame.is_whole() && !frame.is_malformed() && !frame.is_too_large());
        }
        ReplyFrame frame;
        for (const char c : reply) {
            CHECK(reply, !frame.is_whole() && frame.take({&c, 1}) == 1);
        }
        CHECK(reply, frame.is_whole() && frame.min_size() == reply.size());
    }
}

void what_is_no_reply(void**) {
    for (const std::string_view bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "$\r\n", "*\r\n", "$-2\r\n", "*-5\r\n", "$5x\r\n", "$ 5\r\n", "*2\n\r\n",
          "$99999999999999999999\r\n", "*2147483648\r\n", "*1\r\n%1\r\n", "$00000000000000000000000000000000000000001\r\n"}) {
        ReplyFrame frame;
        CHECK(bytes, frame.take(bytes) == bytes.size() && frame.is_malformed());
    }
}

void what_is_too_large_is_known_by_its_announcement(void**) {
    const std::uint64_t largest = ReplyFrame::max_size;
    const struct {
        std::string_view what;
        std::string bytes;
        bool is_too_large;
        std::uint64_t min_size;
    } rows[] = {
        {"a string", "$16777216\r\n", true, 11 + largest + 2},
        {"a smaller one", "$16777000\r\n", false, 11 + 16'777'000 + 2},
        {"two strings", "*2\r\n$16000000\r\n" + std::string(16'000'000, 'x') + "\r\n$800000\r\n", true, 4 + 11 + 16'000'002 + 9 + 800'002},
        {"a line", "+" + std::string(ReplyFrame::max_line_length, 'x'), true, ReplyFrame::max_line_length + 5},
        {"an array", "*100001\r\n", true, 9 + 400'004},
        {"as many as there may be", "*100000\r\n", false, 9 + 400'000},
    };
    for (const auto& row : rows) {
        ReplyFrame frame;
        frame.take(row.bytes);
        CHECK(row.what, frame.is_too_large() == row.is_too_large);
        CHECK(row.what, frame.min_size() == row.min_size);
    }
    std::string nested = "*2\r\n";
    for (int array = 0; array < 2; array++) {
        nested += "*60000\r\n";
        for (int element = 0; element < 60'000; element++) {
            nested += ":1\r\n";
        }
    }
    ReplyFrame frame;
    CHECK("in its first half",
          frame.take(std::string_view(nested).substr(0, nested.size() / 2)) == nested.size() / 2 && !frame.is_too_large());
    CHECK("to its end", frame.take(std::string_view(nested).substr(nested.size() / 2)) == nested.size() / 2);
    CHECK("of all arrays", frame.is_too_large() && frame.is_whole());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(replies_end_where_they_end_however_they_are_cut),
        cmocka_unit_test(what_is_no_reply),
        cmocka_unit_test(what_is_too_large_is_known_by_its_announcement),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
