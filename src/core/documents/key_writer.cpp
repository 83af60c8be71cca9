#include "core/documents/key_writer.h"

#include <algorithm>
#include <array>
#include <optional>

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

void set_list(json_t* object, const char* name, const std::vector<std::string>& items) {
    json_t* list = json_array();
    for (const std::string& item : items) {
        json_array_append_new(list, json_text(item).release());
    }
    json_object_set_new(object, name, list);
}

json_t* quotas_object(const Quotas& quotas) {
    json_t* object = json_object();
    const std::array<std::pair<const char*, std::optional<std::int64_t>>, 4> windows{
        {{"total", quotas.total}, {"daily", quotas.daily}, {"weekly", quotas.weekly}, {"monthly", quotas.monthly}}};
    for (const auto& [name, limit] : windows) {
        if (limit) {
            set_number(object, name, *limit);
        }
    }
    return object;
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
    json_t* object = key.get();
    set_number(object, "id", record.id);
    set(object, "name", record.name);
    if (!record.alias.empty()) {
        set(object, "alias", record.alias);
    }
    if (!record.category.empty()) {
        set(object, "category", record.category);
    }
    set(object, "type", record.type);
    set(object, "prefix", record.prefix);
    const bool expired = record.expires_ms != 0 && record.expires_ms <= now_ms;
    json_object_set_new(object, "active", json_boolean(record.active && !expired));
    set(object, "createdAt", format_rfc3339(record.created_ms));
    set_time_if_any(object, "expiresAt", record.expires_ms);
    set_time_if_any(object, "lastUsedAt", record.last_used_ms);
    set_list(object, "models", record.models);
    json_object_set_new(object, "quotas", quotas_object(record.quotas));
    if (record.monthly_limit_micro_credits) {
        set(object, "monthlyLimit", format_micro_credits(*record.monthly_limit_micro_credits));
    }
    set_list(object, "allowedIps", record.allowed_ips);
    if (!record.plan.empty()) {
        set(object, "plan", record.plan);
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

std::string write_me(const KeyRecord& record, const WindowStates& states, const SpendState& spend, std::int64_t now_ms) {
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

std::string write_secret(std::uint64_t id, std::string_view key_text) {
    Json document(json_object());
    set_number(document.get(), "id", id);
    set(document.get(), "key", key_text);
    return dump(document);
}

} // namespace api_key
