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

using Fields = std::map<std::string, std::string>;

// What was used, or its limit: credits, or a number of requests.
std::string amount(const Fields& fields, const char* name) {
    return text(fields, "type") == "key.quota" ? std::to_string(number(fields, name)) : format_micro_credits(number(fields, name));
}

std::string account_of(const Fields& fields) {
    const std::string name = text(fields, "accountName");
    return "account " + text(fields, "account") + (name.empty() ? "" : " (" + name + ")");
}

std::string key_of(const Fields& fields) {
    const std::string name = text(fields, "keyName");
    return "API key " + text(fields, "key") + (name.empty() ? "" : " (" + name + ")") + " of " + account_of(fields);
}

// For people, who may read nothing else in a chat.
std::string sentence(const Fields& fields) {
    const std::string kind = text(fields, "type");
    const std::string share = amount(fields, "used") + " of " + amount(fields, "limit");
    if (kind == "key.quota") {
        return key_of(fields) + " has used " + share + " requests (" + text(fields, "window") + " quota)";
    }
    if (kind == "key.spend") {
        return key_of(fields) + " has spent " + share + " credits of its monthly limit";
    }
    if (kind == "wallet") {
        return account_of(fields) + " has spent " + share + " credits of its balance after the last top-up";
    }
    if (kind == "key.expiring") {
        return key_of(fields) + " expires at " + format_rfc3339(number(fields, "expires"));
    }
    return "Node " + text(fields, "node") + (kind == "store.up" ? " reaches Redis again" : " cannot reach Redis");
}

void set_owner(json_t* object, const Fields& fields, bool is_of_key) {
    if (const std::int64_t account = number(fields, "account"); account != 0) {
        set_number(object, "account", account);
        set_unless_empty(object, "accountName", text(fields, "accountName"));
    }
    if (is_of_key) {
        set_number(object, "keyId", number(fields, "key"));
        set_unless_empty(object, "keyName", text(fields, "keyName"));
    }
}

void set_threshold(json_t* object, const Fields& fields) {
    set_unless_empty(object, "window", text(fields, "window"));
    set_number(object, "threshold", number(fields, "threshold"));
    for (const char* name : {"used", "limit"}) {
        if (text(fields, "type") == "key.quota") {
            set_number(object, name, number(fields, name));
        } else {
            set(object, name, amount(fields, name));
        }
    }
}

} // namespace

std::string write_alert(const std::string& id, const Fields& fields, const std::string& dashboard) {
    Json owner(json_object());
    json_t* object = owner.get();
    const bool is_of_key = number(fields, "key") != 0;
    set(object, "id", id);
    set(object, "type", text(fields, "type"));
    set(object, "at", format_rfc3339(number(fields, "at")));
    set(object, "text", sentence(fields));
    set_owner(object, fields, is_of_key);
    set_unless_empty(object, "node", text(fields, "node"));
    if (fields.contains("expires")) {
        set(object, "expiresAt", format_rfc3339(number(fields, "expires")));
    }
    if (fields.contains("threshold")) {
        set_threshold(object, fields);
    }
    if (!dashboard.empty() && fields.contains("account")) {
        set(object, "url", dashboard + (is_of_key ? "#/keys/" + text(fields, "key") : ""));
    }
    return dump(owner);
}

std::string alert_signature(std::string_view secret, std::int64_t now_s, std::string_view body) {
    const std::string time = std::to_string(now_s);
    const std::optional<Digest> mac = hmac_sha256(secret, time + "." + std::string(body));
    return mac ? "t=" + time + ",v1=" + to_hex(as_bytes(*mac)) : std::string();
}

} // namespace api_key
