#include "core/documents/key_writer.h"

#include <algorithm>
#include <optional>

#include "core/documents/key_fields.h"
#include "core/text/json.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

void set_time_if_any(json_t* object, const char* name, std::int64_t time_ms) {
    if (time_ms != 0) {
        set(object, name, format_rfc3339(time_ms));
    }
}

Json window_object(const WindowState& state) {
    Json window(json_object());
    set_number(window.get(), "used", state.used);
    set_number(window.get(), "limit", state.limit);
    set_number(window.get(), "remaining", state.remaining());
    set_time_if_any(window.get(), "resets", state.reset_ms);
    return window;
}

Json spend_object(const KeyRecord& record, const SpendState& spend) {
    Json object(json_object());
    set(object.get(), "month", format_rfc3339(month_begin_ms(spend.month)).substr(0, 7));
    set(object.get(), "used", format_micro_credits(spend.used));
    set(object.get(), "held", format_micro_credits(spend.held));
    if (const std::optional<std::int64_t> limit = record.monthly_limit_micro_credits) {
        set(object.get(), "limit", format_micro_credits(*limit));
        set(object.get(), "remaining", format_micro_credits(std::max<std::int64_t>(*limit - spend.used - spend.held, 0)));
    }
    set(object.get(), "resets", format_rfc3339(month_begin_ms(spend.month + 1)));
    return object;
}

} // namespace

Json key_object(const KeyRecord& record, std::int64_t now_ms) {
    Json key(json_object());
    for (const KeyField& field : key_fields()) {
        if (field.write == nullptr) {
            continue;
        }
        json_t* object = key.get();
        if (!field.group.empty()) {
            object = json_object_get(key.get(), std::string(field.group).c_str());
            if (object == nullptr) {
                object = json_object();
                json_object_set_new(key.get(), std::string(field.group).c_str(), object);
            }
        }
        if (Json value = field.write(record, now_ms)) {
            json_object_set_new(object, std::string(field.written_name()).c_str(), value.release());
        }
    }
    return key;
}

Json usage_object(const WindowStates& states) {
    Json usage(json_object());
    json_t* quotas = json_object();
    json_t* rates = json_object();
    json_object_set_new(usage.get(), "quotas", quotas);
    json_object_set_new(usage.get(), "rates", rates);
    for (const Window window : all_windows) {
        const WindowState& state = states[static_cast<std::size_t>(window)];
        if (state.limit != 0) {
            json_object_set_new(is_rate(window) ? rates : quotas, std::string(window_name(window)).c_str(), window_object(state).release());
        }
    }
    return usage;
}

Json key_usage_object(const KeyRecord& record, const WindowStates& states, const SpendState& spend) {
    Json usage(json_object());
    set_number(usage.get(), "id", record.id);
    json_object_update(usage.get(), usage_object(states).get());
    json_object_set_new(usage.get(), "spend", spend_object(record, spend).release());
    set_time_if_any(usage.get(), "lastUsedAt", record.last_used_ms);
    return usage;
}

std::string write_key_with_usage(const KeyRecord& record, const WindowStates& states, const SpendState& spend, std::int64_t now_ms) {
    const Json key = key_object(record, now_ms);
    Json usage = usage_object(states);
    json_object_set_new(usage.get(), "spend", spend_object(record, spend).release());
    json_object_set_new(key.get(), "usage", usage.release());
    return dump(key);
}

std::string write_key(const KeyRecord& record, std::int64_t now_ms) {
    return dump(key_object(record, now_ms));
}

std::vector<std::string> write_list(std::string_view name, std::vector<std::string> items, std::string_view next) {
    std::string between = "{\"" + std::string(name) + "\":[";
    for (std::string& item : items) {
        item.insert(0, between);
        between = ",";
    }
    std::string end = items.empty() ? between : std::string();
    end += next.empty() ? "]}" : "],\"next\":" + dump(json_text(next)) + '}';
    items.push_back(std::move(end));
    return items;
}

void add_member(std::vector<std::string>& pieces, std::string_view name, std::string_view json) {
    std::string& last = pieces.back();
    last.pop_back(); // the closing brace
    last += ",\"";
    last += name;
    last += "\":";
    last += json;
    last += '}';
}

std::string write_named_keys(const NamedKeys& keys) {
    const Json list(json_array());
    for (const auto& [id, label] : keys) {
        Json key(json_object());
        set_number(key.get(), "id", static_cast<std::int64_t>(id));
        set(key.get(), "name", label.name);
        set_unless_empty(key.get(), "alias", label.alias);
        set(key.get(), "type", label.type);
        json_array_append_new(list.get(), key.release());
    }
    return dump(list);
}

std::string write_secret(std::uint64_t id, std::string_view key_text) {
    Json document(json_object());
    set_number(document.get(), "id", id);
    set(document.get(), "key", key_text);
    return dump(document);
}

} // namespace api_key
