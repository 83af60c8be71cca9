// Any bytes as an address of Redis, as a server's reply and as a sentinel's message: what is read can be written and connected to.
#include <cstdint>
#include <string>

#include "check.h"
#include "store/server/topology.h"

namespace {

using namespace api_key::store;

bool is_whole(const Endpoint& endpoint) {
    return !endpoint.host.empty() && endpoint.port != 0;
}

void check_location(std::string_view text) {
    const api_key::Result<Location> location = parse_location(text);
    if (!location) {
        MUST_HOLD(!location.error().message.empty());
        return;
    }
    MUST_HOLD(location->database <= 9999);
    MUST_HOLD(location->unix_path.empty() != location->endpoints.empty());
    MUST_HOLD((location->topology == Topology::sentinel) == !location->master.empty());
    for (const Endpoint& endpoint : location->endpoints) {
        MUST_HOLD(is_whole(endpoint));
    }
}

void check_reply(const redisReply* reply) {
    const Endpoint asked{"10.0.0.1", 6379};
    for (const char* url : {"redis+sentinel://a/primary", "redis+cluster://a"}) {
        const api_key::Result<Endpoint> master = master_in(*parse_location(url), reply, asked);
        MUST_HOLD(!master || is_whole(*master));
    }
    const RetryCause cause = retry_cause(reply);
    MUST_HOLD(cause == RetryCause::none || reply->type == REDIS_REPLY_ERROR);
    if (cause == RetryCause::moved || cause == RetryCause::ask) {
        const std::optional<Endpoint> target = target_of(reply, asked);
        MUST_HOLD(!target || is_whole(*target));
    }
}

void check_message(std::string_view text) {
    const std::optional<Endpoint> master = switched_master(*parse_location("redis+sentinel://a/primary"), text);
    MUST_HOLD(!master || (is_whole(*master) && text.starts_with("primary ")));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_location(text);
    check_message(text);
    redisReader* reader = redisReaderCreate();
    reader->maxbuf = 0;
    void* reply = nullptr;
    if (size != 0 && redisReaderFeed(reader, text.data(), text.size()) == REDIS_OK && redisReaderGetReply(reader, &reply) == REDIS_OK &&
        reply != nullptr) {
        const Reply owned(static_cast<redisReply*>(reply));
        check_reply(owned.get());
    }
    redisReaderFree(reader);
    return 0;
}
