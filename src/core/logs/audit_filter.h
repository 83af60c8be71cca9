// A filter for the entries of a security log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/logs/key_label.h"
#include "core/text/json.h"

namespace api_key {

struct AuditFilter {
    std::optional<std::uint64_t> key_id;
    KeyLabelFilter label;      // of the key, if the entry concerns one
    std::string action;        // empty: any; `key` stands for all of `key.…`
    std::int64_t from_ms = 0;  // unix
    std::int64_t until_ms = 0; // 0: no end

    bool matches(const json_t* entry) const; // except for the label
};

} // namespace api_key
