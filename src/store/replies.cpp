#include "store/replies.h"

namespace api_key::store {

std::optional<std::int64_t> time_ms(const redisReply* reply) {
    if (!is_array(reply) || reply->elements != 2) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> seconds = whole_number(text(reply->element[0]));
    const std::optional<std::uint64_t> microseconds = whole_number(text(reply->element[1]));
    if (!seconds || !microseconds) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*seconds * 1000 + *microseconds / 1000);
}

bool is_array(const redisReply* reply) {
    return reply->type == REDIS_REPLY_ARRAY;
}

bool is_integer(const redisReply* reply, long long value) {
    return reply->type == REDIS_REPLY_INTEGER && reply->integer == value;
}

std::optional<std::string_view> find_hash_field(const redisReply* reply, std::string_view field) {
    for (std::size_t index = 0; index + 1 < reply->elements; index += 2) {
        if (text(reply->element[index]) == field) {
            return text(reply->element[index + 1]);
        }
    }
    return std::nullopt;
}

std::string_view hash_field(const redisReply* reply, std::string_view field) {
    return find_hash_field(reply, field).value_or(std::string_view());
}

PepperFingerprints read_fingerprints(const redisReply* reply) {
    PepperFingerprints known;
    for (std::size_t index = 0; is_array(reply) && index + 1 < reply->elements; index += 2) {
        const std::uint64_t version = whole_number(text(reply->element[index])).value_or(0);
        known.emplace(static_cast<std::uint16_t>(version), text(reply->element[index + 1]));
    }
    return known;
}

} // namespace api_key::store
