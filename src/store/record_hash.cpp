#include "store/record_hash.h"

#include "core/documents/key_fields.h"
#include "store/replies.h"

namespace api_key::store {

std::vector<std::string> changed_fields(const KeyRecord& before, const KeyRecord& after) {
    std::vector<std::string> fields;
    for (const KeyField& field : key_fields()) {
        if (field.stored_by != StoredBy::changes) {
            continue;
        }
        std::string value = field.to_store(after);
        if (value != field.to_store(before)) {
            fields.emplace_back(field.hash_field);
            fields.push_back(std::move(value));
        }
    }
    return fields;
}

std::vector<std::string> new_fields(const KeyRecord& record) {
    std::vector<std::string> fields;
    for (const KeyField& field : key_fields()) {
        if (field.stored_by != StoredBy::creation && field.stored_by != StoredBy::changes) {
            continue;
        }
        if (std::string value = field.to_store(record); !value.empty()) {
            fields.emplace_back(field.hash_field);
            fields.push_back(std::move(value));
        }
    }
    return fields;
}

Result<KeyRecord> read_record(std::uint64_t id, const redisReply* reply) {
    if (reply->type != REDIS_REPLY_ARRAY) {
        return Error{"", "key " + std::to_string(id) + ": not a hash"};
    }
    KeyRecord record;
    record.id = id;
    for (const KeyField& field : key_fields()) {
        if (field.stored_by != StoredBy::nobody && !field.from_store(find_hash_field(reply, field.hash_field), record)) {
            const std::string name(field.hash_field);
            return Error{name, "key " + std::to_string(id) + ": its field \"" + name + "\" is missing or malformed"};
        }
    }
    return record;
}

} // namespace api_key::store
