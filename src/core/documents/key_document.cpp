#include "core/documents/key_document.h"

#include <algorithm>

#include "core/documents/key_fields.h"
#include "core/text/json_reader.h"

namespace api_key {

namespace {

constexpr std::string_view body = "The request body";
constexpr std::int64_t max_overlap_s = std::int64_t{30} * 24 * 3600;

using Problem = std::optional<Error>;

bool is_blank(std::string_view json) {
    return json.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

unsigned use_of(DocumentKind kind) {
    switch (kind) {
    case DocumentKind::create:
        return in_create;
    case DocumentKind::update:
        return in_update;
    case DocumentKind::clone:
        return in_clone;
    }
    return 0;
}

// Reads the members of one kind of document.
class Reader {
  public:
    Reader(DocumentKind kind, std::int64_t now_ms) : use_(use_of(kind)), now_ms_(now_ms) {}

    Problem read(const std::string& name, json_t* value) {
        for (const KeyField& field : key_fields()) {
            if ((field.documents & use_) != 0 && field.group.empty() && (name == field.name || name == field.written_name())) {
                return is_named_twice(field.name) ? wrong(name, "named twice") : field.read(name, value, now_ms_, document);
            }
            if ((field.documents & use_) != 0 && !field.group.empty() && name == field.group) {
                return read_group(name, value);
            }
        }
        return wrong(name, "unknown field");
    }

    KeyDocument document;

  private:
    // In snake_case and in camelCase; the same name twice is refused with the JSON.
    bool is_named_twice(std::string_view field) {
        const bool is_known = std::find(named_.begin(), named_.end(), field) != named_.end();
        named_.push_back(field);
        return is_known;
    }

    Problem read_group(const std::string& group, json_t* object) {
        if (!json_is_object(object) && !json_is_null(object)) {
            return wrong(group, "expected an object with " + members_of(group) + ", or null");
        }
        const char* name = nullptr;
        json_t* value = nullptr;
        json_object_foreach(object, name, value) {
            if (Problem problem = read_member(group, name, value)) {
                return problem;
            }
        }
        for (const KeyField& field : key_fields()) {
            if (json_is_null(object) && field.group == group) {
                field.read(group, object, now_ms_, document);
            }
        }
        return std::nullopt;
    }

    Problem read_member(const std::string& group, std::string_view name, const json_t* value) {
        const std::string path = group + "." + std::string(name);
        for (const KeyField& field : key_fields()) {
            if (field.group == group && field.name == name) {
                return field.read(path, value, now_ms_, document);
            }
        }
        return wrong(path, "unknown field");
    }

    static std::string members_of(std::string_view group) {
        std::string names;
        for (const KeyField& field : key_fields()) {
            if (field.group == group) {
                names += (names.empty() ? "" : ", ") + std::string(field.name);
            }
        }
        return names;
    }

    unsigned use_;
    std::int64_t now_ms_;
    std::vector<std::string_view> named_;
};

} // namespace

Result<KeyDocument> read_key_document(std::string_view json, DocumentKind kind, std::int64_t now_ms) {
    Result<Json> object = read_object(body, kind == DocumentKind::clone && is_blank(json) ? "{}" : json);
    if (!object) {
        return object.error();
    }
    Reader reader(kind, now_ms);
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object->get(), name, value) {
        if (Problem problem = reader.read(name, value)) {
            return *problem;
        }
    }
    KeyChange& change = reader.document.change;
    if (kind == DocumentKind::create && !change.name) {
        if (!change.alias || change.alias->empty()) {
            return wrong("name", "is required");
        }
        change.name = change.alias;
    }
    if (kind == DocumentKind::clone && (!change.alias || change.alias->empty())) {
        return wrong("alias", "is required");
    }
    if (kind == DocumentKind::update && json_object_size(object->get()) == 0) {
        return Error{"", "The request body names nothing to change"};
    }
    return reader.document;
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
        const std::optional<std::int64_t> seconds = whole_number(value, 0, max_overlap_s);
        if (!seconds) {
            return wrong(name, "expected a whole number of seconds from 0 to 2592000");
        }
        overlap_s = *seconds;
    }
    return overlap_s;
}

KeyRecord apply(const KeyRecord& record, const KeyChange& change) {
    KeyRecord changed = record;
    for (const KeyField& field : key_fields()) {
        if (field.apply != nullptr) {
            field.apply(change, changed);
        }
    }
    return changed;
}

KeyRecord clone_of(const KeyRecord& source) {
    KeyRecord clone;
    clone.account = source.account;
    for (const KeyField& field : key_fields()) {
        if (field.is_cloned) {
            field.copy(source, clone);
        }
    }
    return clone;
}

} // namespace api_key
