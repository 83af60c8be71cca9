#include "core/documents/key_document.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/policy/cidr.h"
#include "core/text/json_reader.h"
#include "core/text/time_text.h"
#include "core/text/utf8.h"

namespace api_key {

namespace {

constexpr std::string_view body = "The request body";
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_category = 64;
constexpr std::size_t longest_type = 32;
constexpr std::size_t longest_model = 200;
constexpr std::size_t most_list_items = 100;
constexpr std::int64_t largest_quota = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t longest_overlap_s = std::int64_t{30} * 24 * 3600;

using Problem = std::optional<Error>;

bool is_blank(std::string_view json) {
    return json.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Problem read_text(std::string_view field, const json_t* value, std::size_t longest, bool may_clear, std::optional<std::string>& out) {
    if (json_is_null(value) && may_clear) {
        out = "";
        return std::nullopt;
    }
    const std::string limit = "expected a text of " + std::string(may_clear ? "at most " : "1 to ") + std::to_string(longest) +
                              " bytes without control characters" + (may_clear ? ", or null" : "");
    if (!json_is_string(value)) {
        return wrong(field, limit);
    }
    const std::string_view text = text_of(value);
    const bool blank = text.find_first_not_of(' ') == std::string_view::npos;
    if (text.size() > longest || !is_plain_text(text) || (blank && (!may_clear || !text.empty()))) {
        return wrong(field, limit);
    }
    out = text;
    return std::nullopt;
}

Problem read_expiry(std::string_view field, const json_t* value, std::int64_t now_ms, std::optional<std::int64_t>& out) {
    if (json_is_null(value)) {
        out = 0;
        return std::nullopt;
    }
    const std::optional<std::int64_t> time = json_is_string(value) ? parse_rfc3339_ms(text_of(value)) : std::nullopt;
    if (!time) {
        return wrong(field, "expected an RFC 3339 date and time with an offset, such as 2030-12-31T00:00:00Z, or null");
    }
    if (*time <= now_ms) {
        return wrong(field, "this date has passed");
    }
    out = *time;
    return std::nullopt;
}

bool is_model_glob(std::string_view text) {
    return !text.empty() && text.size() <= longest_model && is_plain_text(text) && text.find(' ') == std::string_view::npos;
}

bool is_address_block(std::string_view text) {
    return parse_address_block(text).has_value();
}

Problem read_list(std::string_view field, const json_t* value, bool (*is_item)(std::string_view), std::string_view expected,
                  std::optional<std::vector<std::string>>& out) {
    std::vector<std::string> items;
    if (!json_is_null(value)) {
        if (!json_is_array(value) || json_array_size(value) > most_list_items) {
            return wrong(field, expected);
        }
        for (std::size_t index = 0; index < json_array_size(value); index++) {
            const json_t* item = json_array_get(value, index);
            if (!json_is_string(item) || !is_item(text_of(item))) {
                return wrong(std::string(field) + "[" + std::to_string(index) + "]", expected);
            }
            items.emplace_back(text_of(item));
        }
    }
    out = std::move(items);
    return std::nullopt;
}

Problem read_quotas(std::string_view field, const json_t* value, KeyChange& change) {
    const std::array<std::pair<const char*, std::optional<std::optional<std::int64_t>>*>, 4> windows{
        {{"total", &change.total}, {"daily", &change.daily}, {"weekly", &change.weekly}, {"monthly", &change.monthly}}};
    if (json_is_null(value)) {
        for (const auto& [name, out] : windows) {
            out->emplace(std::nullopt);
        }
        return std::nullopt;
    }
    if (!json_is_object(value)) {
        return wrong(field, "expected an object with total, daily, weekly, monthly, or null");
    }
    const char* name = nullptr;
    json_t* limit = nullptr;
    json_object_foreach(const_cast<json_t*>(value), name, limit) {
        const std::string path = std::string(field) + "." + name;
        const auto window =
            std::find_if(windows.begin(), windows.end(), [&](const auto& one) { return std::string_view(name) == one.first; });
        if (window == windows.end()) {
            return wrong(path, "unknown field");
        }
        if (json_is_null(limit)) {
            window->second->emplace(std::nullopt);
        } else if (const std::optional<std::int64_t> requests = whole_number(limit, 1, largest_quota)) {
            window->second->emplace(requests);
        } else {
            return wrong(path, "expected a whole number of 1 or more, or null");
        }
    }
    return std::nullopt;
}

Problem read_money(std::string_view field, const json_t* value, std::optional<std::optional<std::int64_t>>& out) {
    if (json_is_null(value)) {
        out.emplace(std::nullopt);
        return std::nullopt;
    }
    const std::optional<std::int64_t> micro = millionths(value);
    if (!micro) {
        return wrong(field, "expected an amount of credits from 0 to 1000000000 with at most six decimals, or null");
    }
    out.emplace(micro);
    return std::nullopt;
}

struct Field {
    std::string_view name;
    std::string_view camel_name; // the same where there is none
    bool in_create;
    bool in_update;
    bool in_clone;
    std::function<Problem(std::string_view, const json_t*, KeyDocument&)> read;
};

std::vector<Field> make_fields(std::int64_t now_ms) {
    using View = std::string_view;
    return {
        {"name", "name", true, true, true,
         [](View field, const json_t* value, KeyDocument& to) { return read_text(field, value, longest_name, false, to.change.name); }},
        {"alias", "alias", true, true, true,
         [](View field, const json_t* value, KeyDocument& to) { return read_text(field, value, longest_name, true, to.change.alias); }},
        {"category", "category", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) {
             return read_text(field, value, longest_category, true, to.change.category);
         }},
        {"type", "type", true, false, false,
         [](View field, const json_t* value, KeyDocument& to) { return read_text(field, value, longest_type, false, to.type); }},
        {"active", "active", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) -> Problem {
             if (!json_is_boolean(value)) {
                 return wrong(field, "expected true or false");
             }
             to.change.active = json_is_true(value);
             return std::nullopt;
         }},
        {"expires_at", "expiresAt", true, true, false,
         [now_ms](View field, const json_t* value, KeyDocument& to) { return read_expiry(field, value, now_ms, to.change.expires_ms); }},
        {"models", "models", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) {
             return read_list(field, value, is_model_glob, "expected at most 100 model names without spaces, * allowed", to.change.models);
         }},
        {"quotas", "quotas", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) { return read_quotas(field, value, to.change); }},
        {"monthly_limit", "monthlyLimit", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) { return read_money(field, value, to.change.monthly_limit_micro_credits); }},
        {"allowed_ips", "allowedIps", true, true, false,
         [](View field, const json_t* value, KeyDocument& to) {
             return read_list(field, value, is_address_block, "expected at most 100 addresses or CIDR blocks", to.change.allowed_ips);
         }},
    };
}

bool belongs_to(const Field& field, DocumentKind kind) {
    switch (kind) {
    case DocumentKind::create:
        return field.in_create;
    case DocumentKind::update:
        return field.in_update;
    case DocumentKind::clone:
        return field.in_clone;
    }
    return false;
}

template <class T, class U>
void assign(T& to, const std::optional<U>& from) {
    if (from) {
        to = *from;
    }
}

} // namespace

Result<KeyDocument> read_key_document(std::string_view json, DocumentKind kind, std::int64_t now_ms) {
    Result<Json> document = read_object(body, kind == DocumentKind::clone && is_blank(json) ? "{}" : json);
    if (!document) {
        return document.error();
    }
    const std::vector<Field> fields = make_fields(now_ms);
    std::vector<const Field*> named;
    KeyDocument result;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document->get(), name, value) {
        const std::string_view member(name);
        const auto field =
            std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == member || one.camel_name == member; });
        if (field == fields.end() || !belongs_to(*field, kind)) {
            return wrong(member, "unknown field");
        }
        if (std::find(named.begin(), named.end(), &*field) != named.end()) {
            return wrong(member, "named twice");
        }
        named.push_back(&*field);
        if (Problem problem = field->read(member, value, result)) {
            return *problem;
        }
    }
    if (kind == DocumentKind::create && !result.change.name) {
        return wrong("name", "is required");
    }
    if (kind == DocumentKind::clone && (!result.change.alias || result.change.alias->empty())) {
        return wrong("alias", "is required");
    }
    if (kind == DocumentKind::update && named.empty()) {
        return Error{"", "The request body names nothing to change"};
    }
    return result;
}

Result<std::int64_t> read_rotate_document(std::string_view json) {
    Result<Json> document = read_object(body, is_blank(json) ? "{}" : json);
    if (!document) {
        return document.error();
    }
    std::int64_t overlap_s = 0;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document->get(), name, value) {
        if (std::string_view(name) != "overlap") {
            return wrong(name, "unknown field");
        }
        if (json_is_null(value)) {
            continue;
        }
        const std::optional<std::int64_t> seconds = whole_number(value, 0, longest_overlap_s);
        if (!seconds) {
            return wrong(name, "expected a whole number of seconds from 0 to 2592000");
        }
        overlap_s = *seconds;
    }
    return overlap_s;
}

KeyRecord apply(const KeyRecord& record, const KeyChange& change) {
    KeyRecord changed = record;
    assign(changed.name, change.name);
    assign(changed.alias, change.alias);
    assign(changed.category, change.category);
    assign(changed.plan, change.plan);
    assign(changed.active, change.active);
    assign(changed.expires_ms, change.expires_ms);
    assign(changed.models, change.models);
    assign(changed.allowed_ips, change.allowed_ips);
    assign(changed.quotas.total, change.total);
    assign(changed.quotas.daily, change.daily);
    assign(changed.quotas.weekly, change.weekly);
    assign(changed.quotas.monthly, change.monthly);
    assign(changed.monthly_limit_micro_credits, change.monthly_limit_micro_credits);
    return changed;
}

} // namespace api_key
