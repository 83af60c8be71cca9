#include "core/documents/alert.h"

#include <charconv>

#include "core/secrets/digest.h"
#include "core/text/json.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

std::int64_t number(const std::map<std::string, std::string>& fields, const char* name) {
    const auto found = fields.find(name);
    std::int64_t value = 0;
    if (found != fields.end()) {
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    }
    return value;
}

std::string text(const std::map<std::string, std::string>& fields, const char* name) {
    const auto found = fields.find(name);
    return found != fields.end() ? found->second : std::string();
}

} // namespace

std::string write_alert(const std::string& id, const std::map<std::string, std::string>& fields) {
    Json owner(json_object());
    json_t* object = owner.get();
    const std::string kind = text(fields, "type");
    set(object, "id", id);
    set(object, "type", kind);
    set(object, "at", format_rfc3339(number(fields, "at")));
    if (const std::int64_t account = number(fields, "account"); account != 0) {
        set_number(object, "account", account);
    }
    if (const std::int64_t key_id = number(fields, "key"); key_id != 0 && kind != "wallet") {
        set_number(object, "keyId", key_id);
    }
    if (fields.contains("node")) {
        set(object, "node", text(fields, "node"));
    }
    if (fields.contains("expires")) {
        set(object, "expiresAt", format_rfc3339(number(fields, "expires")));
    }
    if (fields.contains("threshold")) {
        const bool is_money = kind != "key.quota";
        if (const std::string window = text(fields, "window"); !window.empty()) {
            set(object, "window", window);
        }
        set_number(object, "threshold", number(fields, "threshold"));
        for (const char* name : {"used", "limit"}) {
            if (is_money) {
                set(object, name, format_micro_credits(number(fields, name)));
            } else {
                set_number(object, name, number(fields, name));
            }
        }
    }
    return dump(owner);
}

std::string alert_signature(std::string_view secret, std::int64_t now_s, std::string_view body) {
    const std::string time = std::to_string(now_s);
    const std::optional<Digest> mac = hmac_sha256(secret, time + "." + std::string(body));
    return mac ? "t=" + time + ",v1=" + to_hex(as_bytes(*mac)) : std::string();
}

} // namespace api_key
