// Parsing of replies that several flows get.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/secrets/pepper_check.h"
#include "core/text/number.h"
#include "core/text/printable.h"
#include "store/command.h"

namespace api_key::store {

// Milliseconds since 1970 of the reply to TIME; nothing when it is something else.
std::optional<std::int64_t> time_ms(const redisReply* reply);

bool is_array(const redisReply* reply);
bool is_integer(const redisReply* reply, long long value);

// A field of the reply to HGETALL; nothing, or empty, when it is not there.
std::optional<std::string_view> find_hash_field(const redisReply* reply, std::string_view field);
std::string_view hash_field(const redisReply* reply, std::string_view field);

using api_key::printable;
using api_key::signed_number;
using api_key::whole_number;

// Reads the fingerprints in the reply to HGETALL.
PepperFingerprints read_fingerprints(const redisReply* reply);

} // namespace api_key::store
