// Keys as the management API writes them (JSON by jansson).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"

namespace api_key {

// The key object of CONTRACT 6 (`active` is false once expired at `now_ms`; optional members only when set; never a digest).
std::string write_key(const KeyRecord& record, std::int64_t now_ms);

// {"keys":[…], "next":"…"}; `next` left out when empty. `keys` are in the order given.
std::string write_key_list(const std::vector<KeyRecord>& keys, std::string_view next, std::int64_t now_ms);

// {"id":7,"key":"ms-…"}
std::string write_secret(std::uint64_t id, std::string_view key_text);

} // namespace api_key
