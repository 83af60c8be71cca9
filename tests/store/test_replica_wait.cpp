// Waiting for a replica, and the meaning of the replicas' answers.
#include "store/server/replica_wait.h"

#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

std::vector<Reply> replies_of(std::string_view bytes) {
    redisReader* reader = redisReaderCreate();
    redisReaderFeed(reader, bytes.data(), bytes.size());
    void* reply = nullptr;
    redisReaderGetReply(reader, &reply);
    redisReaderFree(reader);
    std::vector<Reply> replies;
    replies.emplace_back(static_cast<redisReply*>(reply));
    return replies;
}

constexpr std::string_view two_online = "$71\r\nrole:master\r\nslave0:ip=a,state=online,lag=0\r\nslave1:ip=b,state=online\r\n\r\n";

void one_replica_is_enough_where_there_are_any(void**) {
    const struct {
        std::string_view what;
        std::string_view info;
        std::string_view waited; // empty: not asked
        bool is_done;
        std::string_view reason;
    } rows[] = {
        {"none", "$23\r\nconnected_slaves:0\r\nabc\r\n", "", true, ""},
        {"a replica by now, which has none", "$32\r\n# Replication\r\nrole:slave\r\nabc\r\n\r\n", "", false,
         "the server is no longer the master"},
        {"a replica with one of its own", "$36\r\nrole:slave\r\nslave0:ip=a,state=online\r\n", "", false,
         "the server is no longer the master"},
        {"one that still copies", "$26\r\nslave0:ip=a,state=wait_bgs\r\n", "", true, ""},
        {"a user without the permission sees none", "-NOPERM this user has no permissions\r\n", "", true, ""},
        {"a store that does not tell", "-ERR unknown command\r\n", "", true, ""},
        {"a store that cannot tell now", "-BUSY Redis is busy\r\n", "", false, "BUSY Redis is busy"},
        {"one has it", two_online, ":1\r\n", true, ""},
        {"both have it", two_online, ":2\r\n", true, ""},
        {"none has it", two_online, ":0\r\n", false, "no replica has confirmed the change"},
        {"no answer", two_online, "-ERR WAIT cannot be used with replica instances\r\n", false, "no replica has confirmed the change"},
    };
    for (const auto& row : rows) {
        ReplicaWait wait;
        CHECK(row.what, wait.next({}) == (std::vector<Command>{{"INFO", "replication"}}) && wait.blocks_for_ms() == 0);
        const std::vector<Command> asked = wait.next(replies_of(row.info));
        CHECK(row.what, asked.empty() == row.waited.empty());
        if (!row.waited.empty()) {
            CHECK(row.what, asked == (std::vector<Command>{{"WAIT", "1", std::to_string(ReplicaWait::max_ms)}}));
            CHECK(row.what, wait.blocks_for_ms() == ReplicaWait::max_ms);
            CHECK(row.what, wait.next(replies_of(row.waited)).empty());
        }
        CHECK(row.what, (wait.outcome() == Outcome::done) == row.is_done);
        CHECK_TEXT(row.what, wait.reason(), row.reason);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_replica_is_enough_where_there_are_any),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
