// A key as a Redis hash. Empty fields are left out, so that a plain key takes little memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/record.h"
#include "core/text/result.h"
#include "store/command.h"

namespace api_key::store {

// field, value, field, value …: all that a change may touch, for scripts. An empty value removes the field.
std::vector<std::string> changed_fields(const KeyRecord& before, const KeyRecord& after);

// The same for a new key: only what is set. Without `ver` and `created`, which the script writes.
std::vector<std::string> new_fields(const KeyRecord& record);

// The record in the reply to HGETALL. The error names the field at fault, never a value.
Result<KeyRecord> read_record(std::uint64_t id, const redisReply* reply);

} // namespace api_key::store
