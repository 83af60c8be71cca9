#include "tool/key_options.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/documents/key_fields.h"
#include "core/text/number.h"
#include "core/text/time_text.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 13> field_words{{
    {"name", "its name"},
    {"alias", "its alias, unique in the account; \"\": none"},
    {"category", "its category; \"\": none"},
    {"active", "off: it is rejected"},
    {"expires_at", "when it ends: 30d, a date or an RFC 3339 time; none: never"},
    {"models", "the models that it may use, * allowed, separated by commas; none: all of the plan"},
    {"total", "requests in total; none: no limit"},
    {"daily", "requests in any 24 hours; none: no limit"},
    {"weekly", "requests in any 7 days; none: no limit"},
    {"monthly", "requests in any 30 days; none: no limit"},
    {"monthly_limit", "credits in a calendar month; none: no limit"},
    {"role", "of a billing key: what it may do; none: owner"},
    {"allowed_ips", "IP addresses and CIDR blocks that it may be used from, separated by commas; none: any"},
}};

std::string words_of_field(std::string_view name) {
    const auto* found = std::find_if(field_words.begin(), field_words.end(), [&](const auto& one) { return one.first == name; });
    return found == field_words.end() ? std::string("as in the management API") : std::string(found->second);
}

std::string option_of(std::string_view field) {
    std::string option = "--" + std::string(field);
    std::replace(option.begin(), option.end(), '_', '-');
    return option;
}

// Reports an error in a member of the document as one of the option that it comes from: `quotas.daily: …` as `--daily: …`.
[[noreturn]] void fail_with(const Error& error) {
    std::string field = error.field;
    if (const std::size_t dot = field.find('.'); dot != std::string::npos) {
        field.erase(0, dot + 1);
    }
    fail(exit_usage, option_of(field.substr(0, field.find('['))) + error.message.substr(error.field.size()));
}

unsigned use_of_kind(DocumentKind kind) {
    return kind == DocumentKind::create ? in_create : kind == DocumentKind::update ? in_update : in_clone;
}

// The type of a key has an option of its own: it selects the prefix, too.
bool has_option(const KeyField& field, DocumentKind kind) {
    return (field.documents & use_of_kind(kind)) != 0 && field.name != "type";
}

Json list_of(const std::vector<std::string>& given) {
    Json list(json_array());
    for (const std::string& text : given) {
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find(',', at), text.size());
            json_array_append_new(list.get(), json_text(text.substr(at, end - at)).release());
            at = end + 1;
        }
    }
    return list;
}

bool is_cleared(const KeyField& field, const std::string& text) {
    const bool is_any_text = field.name == "name" || field.name == "alias" || field.name == "category";
    return text.empty() ? field.name != "name" : text == "none" && !is_any_text;
}

Json value_of(const KeyField& field, const std::vector<std::string>& given) {
    const std::string& text = given.back();
    if (is_cleared(field, text)) {
        return Json(json_null());
    }
    if (field.is_list) {
        return list_of(given);
    }
    if (field.name == "active") {
        return Json(json_boolean(text == "on"));
    }
    if (const std::optional<std::uint64_t> number = whole_number(text); number && !field.group.empty()) {
        return Json(json_integer(static_cast<json_int_t>(*number)));
    }
    if (field.name == "expires_at") {
        const std::optional<std::int64_t> time_ms = moment_ms(text, Side::future, clock_ms());
        return json_text(time_ms ? format_rfc3339(*time_ms) : text);
    }
    Json value(json_stringn(text.data(), text.size()));
    if (value == nullptr) {
        fail(exit_usage, option_of(field.name) + ": expected a text in UTF-8");
    }
    return value;
}

Json document_of(const KeyOptions& options) {
    Json document(json_object());
    for (const KeyField& field : key_fields()) {
        const auto given = options.values.find(std::string(field.name));
        if (given == options.values.end()) {
            continue;
        }
        json_t* object = document.get();
        if (!field.group.empty()) {
            const std::string group(field.group);
            if (json_object_get(object, group.c_str()) == nullptr) {
                json_object_set_new(object, group.c_str(), json_object());
            }
            object = json_object_get(object, group.c_str());
        }
        json_object_set_new(object, given->first.c_str(), value_of(field, given->second).release());
    }
    return document;
}

} // namespace

void add_key_options(CLI::App& command, const std::shared_ptr<KeyOptions>& options, DocumentKind kind) {
    for (const KeyField& field : key_fields()) {
        if (!has_option(field, kind)) {
            continue;
        }
        const std::string name(field.name);
        CLI::Option* option = command.add_option_function<std::vector<std::string>>(
            option_of(name), [options, name](const std::vector<std::string>& given) { options->values[name] = given; },
            words_of_field(name));
        option->allow_extra_args(false);
        if (!field.is_list) {
            option->expected(1);
        }
        if (name == "active") {
            option->check(CLI::IsMember({"on", "off"}));
        }
        if (name == "expires_at") {
            option->type_name("TIME");
        }
    }
    if (kind != DocumentKind::clone) {
        command.add_option("--plan", options->plan, "a plan of its own; \"\": the account's");
        command.add_flag("--force", options->force,
                         kind == DocumentKind::create ? "accept a type, prefix or plan that no node has"
                                                      : "accept a plan that not every node has");
    }
}

KeyChange change_of(const KeyOptions& options, DocumentKind kind) {
    KeyChange change;
    if (!options.values.empty() || kind != DocumentKind::update) {
        Result<KeyDocument> read = read_key_document(dump(document_of(options)), kind, clock_ms());
        if (!read) {
            fail_with(read.error());
        }
        change = std::move(read->change);
    }
    change.plan = options.plan;
    return change;
}

} // namespace api_key::tool
