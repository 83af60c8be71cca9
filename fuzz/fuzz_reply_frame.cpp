// Any bytes as replies, cut anywhere: where one ends is where hiredis ends it.
#include <cstdint>
#include <string_view>

#include "check.h"
#include "store/command.h"
#include "store/reply_frame.h"

using namespace api_key::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t cut = data[0] % bytes.size();
    ReplyFrame frame;
    std::size_t taken = frame.take(bytes.substr(0, cut));
    MUST_HOLD(taken <= cut && (taken == cut || frame.is_whole()));
    taken += frame.is_whole() || frame.is_malformed() ? 0 : frame.take(bytes.substr(cut));
    MUST_HOLD(taken <= bytes.size());
    if (frame.is_malformed() || frame.is_too_large()) {
        return 0;
    }
    redisReader* reader = redisReaderCreate();
    reader->maxbuf = 0;
    void* reply = nullptr;
    const bool is_good = redisReaderFeed(reader, bytes.data(), taken) == REDIS_OK && redisReaderGetReply(reader, &reply) == REDIS_OK;
    const Reply owned(static_cast<redisReply*>(reply));
    MUST_HOLD(!is_good || frame.is_whole() == (owned != nullptr));
    MUST_HOLD(owned == nullptr || reader->len == reader->pos);
    redisReaderFree(reader);
    return 0;
}
