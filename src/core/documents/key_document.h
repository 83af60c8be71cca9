// Keys as the management API reads them (JSON by jansson).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/policy/record.h"
#include "core/text/result.h"

namespace api_key {

enum class DocumentKind { create, update, clone };

// create: name required, `active` allowed, `type` allowed; update: everything optional, at least one field; clone: `alias` required, `name`
// optional, nothing else. `now_ms` refuses an expiry in the past. Duplicate members, unknown fields, wrong types and values out of range
// are errors that name the field. A clone's and rotate's empty body is treated as `{}`. The table in key_fields.cpp lists the fields and
// their values; a field that is named in snake_case and in camelCase at once is an error, and null clears what may be cleared.
struct KeyDocument {
    KeyChange change;
    std::optional<std::string> type; // create only: the key type to make
};
Result<KeyDocument> read_key_document(std::string_view json, DocumentKind kind, std::int64_t now_ms);

// rotate: `{}` or `{"overlap": seconds}`, 0 to 2,592,000 (30 days). Returns seconds.
Result<std::int64_t> read_rotate_document(std::string_view json);

// `record` with the change applied.
KeyRecord apply(const KeyRecord& record, const KeyChange& change);

// The record of a clone: the same scope and limits; another secret, and no history.
KeyRecord clone_of(const KeyRecord& source);

} // namespace api_key
