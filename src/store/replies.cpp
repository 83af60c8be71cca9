#include "store/replies.h"

#include <charconv>

namespace api_key::store {

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::int64_t time_ms(const redisReply* reply) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return 0;
    }
    const std::uint64_t seconds = whole_number(text(reply->element[0])).value_or(0);
    const std::uint64_t microseconds = whole_number(text(reply->element[1])).value_or(0);
    return static_cast<std::int64_t>(seconds * 1000 + microseconds / 1000);
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

} // namespace api_key::store
