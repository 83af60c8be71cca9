// Keys as the management API writes them (JSON by jansson).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/logs/key_label.h"
#include "core/policy/limits.h"
#include "core/policy/record.h"
#include "core/policy/spend.h"
#include "core/text/json.h"

namespace api_key {

// The key object of CONTRACT 6 (`active` is false once expired at `now_ms`; optional members only when set; never a digest).
std::string write_key(const KeyRecord& record, std::int64_t now_ms);

// The same as a document.
Json key_object(const KeyRecord& record, std::int64_t now_ms);

// The usage of a key's limits: {"id":7,"quotas":{"daily":{"used":3,"limit":10,"remaining":7,"resets":"…"}},"rates":{"second":{…}},
// "spend":{"month":"2026-11","used":"0.120000","held":"0.000000","limit"?,"remaining"?,"resets"},"lastUsedAt":"…"}. Only limits that are
// set; `resets` only if usage returns.
Json key_usage_object(const KeyRecord& record, const WindowStates& states, const SpendState& spend);

// The members quotas and rates of the above.
Json usage_object(const WindowStates& states);

// The key object, with its usage in `usage`: quotas, rates and spend.
std::string write_key_with_usage(const KeyRecord& record, const WindowStates& states, const SpendState& spend, std::int64_t now_ms);

// {"keys":[…], "next":"…"} in pieces; `items` are JSON, in the order given; `next`, a cursor, is left out when empty.
std::vector<std::string> write_list(std::string_view name, std::vector<std::string> items, std::string_view next);

// Adds a member, of JSON, to an object in pieces.
void add_member(std::vector<std::string>& pieces, std::string_view name, std::string_view json);

// [{"id":7,"name":"…","alias"?,"type":"proxy"}, …]
std::string write_named_keys(const NamedKeys& keys);

// {"id":7,"key":"ms-…"}
std::string write_secret(std::uint64_t id, std::string_view key_text);

} // namespace api_key
