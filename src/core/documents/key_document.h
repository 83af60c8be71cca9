// Keys as the management API reads them (JSON by jansson).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/record.h"
#include "core/text/result.h"

namespace api_key {

// What a POST, PUT or PATCH names. A limit that is named and null clears it. snake_case and camelCase are both read; naming one field both
// ways is an error.
struct KeyChange {
    std::optional<std::string> name;     // 1 to 255 bytes of UTF-8 after trimming nothing; no control characters
    std::optional<std::string> alias;    // "" clears (also null); at most 255 bytes
    std::optional<std::string> category; // "" clears (also null); at most 64 bytes
    std::optional<std::string> plan;     // "" clears; the operator's to give, no document names it
    std::optional<bool> active;
    std::optional<std::int64_t> expires_ms;                                   // 0 clears
    std::optional<std::vector<std::string>> models;                           // at most 100 globs of at most 200 bytes; [] or null clears
    std::optional<std::vector<std::string>> allowed_ips;                      // at most 100 addresses or CIDR blocks; [] or null clears
    std::optional<std::optional<std::int64_t>> total, daily, weekly, monthly; // 1 to 2^53-1; `quotas: null` clears all four
    std::optional<std::optional<std::int64_t>> monthly_limit_micro_credits;   // `0` is a limit of nothing
};

enum class DocumentKind { create, update, clone };

// create: name required, `active` allowed, `type` allowed; update: everything optional, at least one field; clone: `alias` required, `name`
// optional, nothing else. `now_ms` refuses an expiry in the past. Duplicate members, unknown fields, wrong types and values out of range
// are errors that name the field. A clone's and rotate's empty body is treated as `{}`.
struct KeyDocument {
    KeyChange change;
    std::optional<std::string> type; // create only: the key type to make
};
Result<KeyDocument> read_key_document(std::string_view json, DocumentKind kind, std::int64_t now_ms);

// rotate: `{}` or `{"overlap": seconds}`, 0 to 2,592,000 (30 days). Returns seconds.
Result<std::int64_t> read_rotate_document(std::string_view json);

// `defaults` with the change applied.
KeyRecord apply(const KeyRecord& record, const KeyChange& change);

} // namespace api_key
