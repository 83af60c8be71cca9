// The table of a key's fields. All code that reads, writes, stores, changes or clones a key walks it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/documents/key_document.h"
#include "core/policy/record.h"
#include "core/text/json.h"
#include "core/text/result.h"

namespace api_key {

// Which code writes a field into the key's hash in Redis.
enum class StoredBy : std::uint8_t {
    nobody,   // it is not stored
    scripts,  // the scripts alone: times, the version, the previous secret
    creation, // once, when the key is made
    changes,  // on creation, and with each change of it
};

// Which documents may name a field.
inline constexpr unsigned in_create = 1;
inline constexpr unsigned in_update = 2;
inline constexpr unsigned in_clone = 4;

struct KeyField {
    std::string_view name{};       // in documents, as snake_case …
    std::string_view camel_name{}; // … and as camelCase, which is how it is written; empty: the same
    std::string_view group{};      // the member that contains it: `quotas`; empty: none
    std::string_view hash_field{}; // in Redis
    StoredBy stored_by = StoredBy::nobody;
    unsigned documents = 0;
    bool is_cloned = false; // a clone copies it from its source
    bool is_list = false;   // of any length its owner chooses: code that reads many keys asks for its size first

    std::string_view written_name() const { return camel_name.empty() ? name : camel_name; }

    // Reads the member of a document that is called `path`; the error says what was expected.
    std::optional<Error> (*read)(std::string_view path, const json_t* value, std::int64_t now_ms, KeyDocument& document) = nullptr;
    void (*apply)(const KeyChange& change, KeyRecord& record) = nullptr;
    void (*copy)(const KeyRecord& from, KeyRecord& to) = nullptr;

    // For a document; nothing: it is left out. Null: no document ever has it.
    Json (*write)(const KeyRecord& record, std::int64_t now_ms) = nullptr;

    // In Redis, where an empty text stands for a field that is not there.
    std::string (*to_store)(const KeyRecord& record) = nullptr;
    bool (*from_store)(std::optional<std::string_view> text, KeyRecord& record) = nullptr; // false: missing or malformed
};

// In the order of documents; fields that no document has come last.
std::span<const KeyField> key_fields();

} // namespace api_key
