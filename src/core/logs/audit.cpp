#include "core/logs/audit.h"

#include <vector>

#include "core/text/time_text.h"

namespace api_key {

namespace {

json_t* actor_object(const Author& author) {
    json_t* actor = json_object();
    if (author.key_id != 0) {
        set_unless_empty(actor, "type", "key");
        set_number(actor, "keyId", author.key_id);
    } else if (!author.name.empty()) {
        set_unless_empty(actor, "type", "operator");
        set_unless_empty(actor, "name", author.name);
    } else {
        set_unless_empty(actor, "type", "unknown");
    }
    return actor;
}

std::string signed_text(std::uint64_t account, const AuditLink& before, std::string_view entry) {
    return std::to_string(account) + '\n' + std::to_string(before.number + 1) + '\n' + before.mac + '\n' + std::string(entry);
}

std::string hex(const Digest& digest) {
    return to_hex(as_bytes(digest));
}

} // namespace

std::string write_audit_entry(const AuditEvent& event, const Author& author, std::uint64_t number) {
    Json entry(json_object());
    json_t* object = entry.get();
    set_number(object, "number", number);
    set_unless_empty(object, "at", format_rfc3339(author.now_ms));
    set_unless_empty(object, "action", event.action);
    json_object_set_new(object, "actor", actor_object(author));
    set_unless_empty(object, "address", author.address);
    set_unless_empty(object, "requestId", author.request_id);
    if (event.key_id != 0) {
        set_number(object, "keyId", event.key_id);
    }
    if (event.before) {
        json_object_set(object, "before", event.before.get());
    }
    if (event.after) {
        json_object_set(object, "after", event.after.get());
    }
    return dump(entry);
}

std::string sign_audit_entry(const Peppers& peppers, std::uint64_t account, const AuditLink& before, std::string_view entry) {
    const std::optional<Digest> mac = peppers.audit_mac(peppers.version(0), signed_text(account, before, entry));
    return mac ? std::to_string(peppers.version(0)) + ":" + hex(*mac) : std::string();
}

bool verify_audit_entry(const Peppers& peppers, std::uint64_t account, const AuditLink& before, std::string_view entry,
                        std::string_view mac) {
    for (std::size_t index = 0; index < peppers.size(); index++) {
        const std::string prefix = std::to_string(peppers.version(index)) + ":";
        if (mac.starts_with(prefix)) {
            const std::optional<Digest> expected = peppers.audit_mac(peppers.version(index), signed_text(account, before, entry));
            return expected && mac.substr(prefix.size()) == hex(*expected);
        }
    }
    return false;
}

void shorten_members(json_t* object) {
    constexpr std::size_t longest = 512;
    const char* name = nullptr;
    json_t* value = nullptr;
    void* next = nullptr;
    json_object_foreach_safe(object, next, name, value) {
        const std::string text = dump(Json(json_incref(value)));
        if (text.size() > longest) {
            const std::optional<Digest> digest = sha256(text);
            Json summary(json_object());
            if (json_is_array(value)) {
                set_number(summary.get(), "count", static_cast<std::int64_t>(json_array_size(value)));
            }
            set_unless_empty(summary.get(), "sha256", digest ? hex(*digest) : std::string());
            json_object_set_new(object, name, summary.release());
        }
    }
}

void leave_out_empty(json_t* object) {
    json_object_del(object, "id");
    const char* name = nullptr;
    json_t* value = nullptr;
    void* next = nullptr;
    json_object_foreach_safe(object, next, name, value) {
        if ((json_is_array(value) && json_array_size(value) == 0) || (json_is_object(value) && json_object_size(value) == 0)) {
            json_object_del(object, name);
        }
    }
}

void keep_differences(json_t* before, json_t* after) {
    std::vector<std::string> same;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(before, name, value) {
        if (json_equal(value, json_object_get(after, name)) == 1) {
            same.emplace_back(name);
        }
    }
    for (const std::string& member : same) {
        json_object_del(before, member.c_str());
        json_object_del(after, member.c_str());
    }
}

std::string action_of_change(const json_t* after) {
    if (json_object_size(after) == 1) {
        if (json_object_get(after, "name") != nullptr) {
            return "key.rename";
        }
        if (const json_t* active = json_object_get(after, "active")) {
            return json_is_true(active) ? "key.enable" : "key.disable";
        }
    }
    return "key.update";
}

} // namespace api_key
