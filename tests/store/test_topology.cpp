// Locations of Redis, as people write them and as servers report them.
#include "store/server/topology.h"

#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

void addresses_that_are_read(void**) {
    const struct {
        std::string_view url;
        Topology topology;
        bool tls;
        std::string_view text;
        unsigned database;
    } rows[] = {
        {"redis://localhost", Topology::standalone, false, "localhost:6379", 0},
        {"redis://10.0.0.1:7000/3", Topology::standalone, false, "10.0.0.1:7000", 3},
        {"redis://[::1]:7000/9999", Topology::standalone, false, "[::1]:7000", 9999},
        {"redis://[::1]", Topology::standalone, false, "[::1]:6379", 0},
        {"rediss://redis.example", Topology::standalone, true, "redis.example:6379", 0},
        {"unix:/run/redis.sock", Topology::standalone, false, "unix:/run/redis.sock", 0},
        {"unix:/run/redis.sock:5", Topology::standalone, false, "unix:/run/redis.sock", 5},
        {"redis+sentinel://a,b:7,[::1]:8/primary", Topology::sentinel, false, "a:26379,b:7,[::1]:8/primary", 0},
        {"redis+sentinel://a/primary/4", Topology::sentinel, false, "a:26379/primary", 4},
        {"rediss+sentinel://a/primary", Topology::sentinel, true, "a:26379/primary", 0},
        {"redis+cluster://a,b:7001", Topology::cluster, false, "a:6379,b:7001", 0},
        {"redis+cluster://a/", Topology::cluster, false, "a:6379", 0},
        {"rediss+cluster://a", Topology::cluster, true, "a:6379", 0},
    };
    for (const auto& row : rows) {
        const Result<Location> location = parse_location(row.url);
        CHECK(row.url, static_cast<bool>(location));
        CHECK(row.url, location->topology == row.topology && location->tls == row.tls && location->database == row.database);
        CHECK_TEXT(row.url, location->text(), row.text);
    }
}

void addresses_that_are_refused(void**) {
    for (const std::string_view url : {"",
                                       "localhost",
                                       "http://a",
                                       "redis://",
                                       "redis://:6379",
                                       "redis://a:0",
                                       "redis://a:65536",
                                       "redis://a:x",
                                       "redis://a/x",
                                       "redis://a/10000",
                                       "redis://[::1",
                                       "redis://user:secret@a",
                                       "redis://a,b",
                                       "unix:",
                                       "unix:relative",
                                       "unix:/s:x",
                                       "redis+sentinel://a",
                                       "redis+sentinel://a/",
                                       "redis+sentinel:///primary",
                                       "redis+sentinel://a,,b/primary",
                                       "redis+cluster://a/1",
                                       "redis+cluster://",
                                       "redis+cluster://a,b:0"}) {
        CHECK(url, !parse_location(url));
    }
}

Reply reply_of(std::string_view bytes) {
    redisReader* reader = redisReaderCreate();
    redisReaderFeed(reader, bytes.data(), bytes.size());
    void* reply = nullptr;
    redisReaderGetReply(reader, &reply);
    redisReaderFree(reader);
    return Reply(static_cast<redisReply*>(reply));
}

const Endpoint asked{"10.0.0.9", 7000};

void masters_that_servers_name(void**) {
    const Location sentinel = *parse_location("redis+sentinel://a/primary");
    const Location cluster = *parse_location("redis+cluster://a");
    const struct {
        const char* what;
        const Location& location;
        std::string_view reply;
        std::string_view master; // empty: none
    } rows[] = {
        {"sentinel", sentinel, "*2\r\n$8\r\n10.0.0.1\r\n$4\r\n6380\r\n", "10.0.0.1:6380"},
        {"unknown there", sentinel, "*-1\r\n", ""},
        {"no port", sentinel, "*2\r\n$8\r\n10.0.0.1\r\n$1\r\n0\r\n", ""},
        {"no host", sentinel, "*2\r\n$0\r\n\r\n$4\r\n6380\r\n", ""},
        {"an error", sentinel, "-IDONTKNOW no\r\n", ""},
        {"something else", sentinel, ":1\r\n", ""},
        {"cluster", cluster,
         "*2\r\n*3\r\n:0\r\n:7628\r\n*2\r\n$8\r\n10.0.0.1\r\n:6380\r\n*3\r\n:7629\r\n:16383\r\n*3\r\n$8\r\n10.0.0.2\r\n:6381\r\n$"
         "1\r\nx\r\n",
         "10.0.0.2:6381"},
        {"its own host", cluster, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:6380\r\n", "10.0.0.9:6380"},
        {"its own host, nil", cluster, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$-1\r\n:6380\r\n", "10.0.0.9:6380"},
        {"nobody has our slot", cluster, "*1\r\n*3\r\n:0\r\n:100\r\n*2\r\n$1\r\na\r\n:6380\r\n", ""},
        {"no servers", cluster, "*1\r\n*2\r\n:0\r\n:16383\r\n", ""},
        {"not a port", cluster, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n:65536\r\n", ""},
        {"no cluster", cluster, "-ERR This instance has cluster support disabled\r\n", ""},
    };
    for (const auto& row : rows) {
        const Result<Endpoint> master = master_in(row.location, reply_of(row.reply).get(), asked);
        CHECK_TEXT(row.what, master ? master->text() : "", row.master);
    }
    assert_int_equal(our_slot, 7629); // CLUSTER KEYSLOT ak:{k}:epoch
}

void the_next_master(void**) {
    const Location location = *parse_location("redis+sentinel://a/primary");
    CHECK_TEXT("ours", switched_master(location, "primary 10.0.0.1 6379 10.0.0.2 6380")->text(), "10.0.0.2:6380");
    for (const std::string_view message :
         {"other 10.0.0.1 6379 10.0.0.2 6380", "primary 10.0.0.1 6379 10.0.0.2", "primary", "", "primary a 1 b x"}) {
        CHECK(message, !switched_master(location, message));
    }
}

void errors_that_are_a_way_to_go_on(void**) {
    const struct {
        std::string_view reply;
        RetryCause cause;
        std::string_view target;
    } rows[] = {
        {"-MOVED 7629 10.0.0.1:6381\r\n", RetryCause::moved, "10.0.0.1:6381"},
        {"-MOVED 7629 ::1:6381\r\n", RetryCause::moved, "[::1]:6381"},
        {"-MOVED 7629 :6381\r\n", RetryCause::moved, "10.0.0.9:6381"},
        {"-MOVED 7629\r\n", RetryCause::moved, ""},
        {"-ASK 7629 host:6381\r\n", RetryCause::ask, "host:6381"},
        {"-ASK 7629 host:0\r\n", RetryCause::ask, ""},
        {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", RetryCause::try_again, ""},
        {"-CLUSTERDOWN The cluster is down\r\n", RetryCause::try_again, ""},
        {"-READONLY You can't write against a read only replica.\r\n", RetryCause::read_only, ""},
        {"-ERR Error running script (call to f_1): @user_script:12: @user_script: 12: -READONLY You can't write\r\n", RetryCause::read_only,
         ""},
        {"-LOADING Redis is loading the dataset in memory\r\n", RetryCause::not_usable, ""},
        {"-MASTERDOWN Link with MASTER is down\r\n", RetryCause::not_usable, ""},
        {"-NOSCRIPT No matching script\r\n", RetryCause::none, ""},
        {"-OOM command not allowed\r\n", RetryCause::none, ""},
        {"-ERR unknown\r\n", RetryCause::none, ""},
        {"+MOVED 1 a:1\r\n", RetryCause::none, ""},
        {":1\r\n", RetryCause::none, ""},
    };
    for (const auto& row : rows) {
        const Reply reply = reply_of(row.reply);
        CHECK(row.reply, retry_cause(reply.get()) == row.cause);
        if (row.cause == RetryCause::moved || row.cause == RetryCause::ask) {
            const std::optional<Endpoint> target = target_of(reply.get(), asked);
            CHECK_TEXT(row.reply, target ? target->text() : "", row.target);
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_read),        cmocka_unit_test(addresses_that_are_refused),
        cmocka_unit_test(masters_that_servers_name),      cmocka_unit_test(the_next_master),
        cmocka_unit_test(errors_that_are_a_way_to_go_on),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
