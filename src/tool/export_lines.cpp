#include "tool/export_lines.h"

#include <array>

#include <openssl/evp.h>

#include "core/text/number.h"
#include "core/text/utf8.h"

namespace api_key::tool {

namespace {

constexpr std::string_view export_name = "apikeyctl";
constexpr std::int64_t export_version = 1;
constexpr std::string_view base64_mark = "base64:";

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string encoded(const std::string& text) {
    if (is_utf8(text) && text.find('\0') == std::string::npos && !text.starts_with(base64_mark)) {
        return text;
    }
    std::string base64((text.size() + 2) / 3 * 4 + 1, '\0');
    base64.resize(
        static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                 reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()))));
    return std::string(base64_mark) + base64;
}

std::optional<std::string> decoded(std::string_view text) {
    if (!text.starts_with(base64_mark)) {
        return std::string(text);
    }
    text.remove_prefix(base64_mark.size());
    std::string bytes(text.size() / 4 * 3 + 1, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (size < 0 || static_cast<std::size_t>(size) < padding) {
        return std::nullopt;
    }
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

json_t* new_text(const std::string& text) {
    return json_text(encoded(text)).release();
}

// The pairs from `first` on as an object.
json_t* new_pairs(const std::vector<std::string>& values, std::size_t first) {
    json_t* object = json_object();
    for (std::size_t index = first; index + 1 < values.size(); index += 2) {
        json_object_set_new(object, encoded(values[index]).c_str(), new_text(values[index + 1]));
    }
    return object;
}

bool take_text(const json_t* value, std::vector<std::string>& values) {
    std::optional<std::string> text = json_is_string(value) ? decoded(text_of(value)) : std::nullopt;
    if (text) {
        values.push_back(std::move(*text));
    }
    return text.has_value();
}

bool take_pairs(json_t* object, std::vector<std::string>& values) {
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, name, value) {
        std::optional<std::string> field = decoded(name);
        if (!field) {
            return false;
        }
        values.push_back(std::move(*field));
        if (!take_text(value, values)) {
            return false;
        }
    }
    return json_is_object(object);
}

bool take_items(const json_t* array, std::vector<std::string>& values) {
    for (std::size_t index = 0; index < json_array_size(array); index++) {
        if (!take_text(json_array_get(array, index), values)) {
            return false;
        }
    }
    return json_is_array(array);
}

} // namespace

std::string write_heading(const ExportHeading& heading) {
    Json line(json_object());
    set(line.get(), "export", export_name);
    set_number(line.get(), "version", export_version);
    set(line.get(), "id", heading.id);
    set(line.get(), "schema", heading.schema);
    set(line.get(), "at", heading.at);
    json_t* peppers = json_object();
    for (const auto& [version, fingerprint] : heading.peppers) {
        set(peppers, std::to_string(version).c_str(), encoded(fingerprint));
    }
    json_object_set_new(line.get(), "peppers", peppers);
    return dump(line);
}

std::optional<ExportHeading> read_heading(std::string_view line) {
    const Json object(json_loadb(line.data(), line.size(), 0, nullptr));
    if (text_of(json_object_get(object.get(), "export")) != export_name ||
        json_integer_value(json_object_get(object.get(), "version")) != export_version) {
        return std::nullopt;
    }
    ExportHeading heading;
    heading.id = text_of(json_object_get(object.get(), "id"));
    heading.schema = text_of(json_object_get(object.get(), "schema"));
    heading.at = text_of(json_object_get(object.get(), "at"));
    std::vector<std::string> peppers;
    if (heading.id.empty() || !take_pairs(json_object_get(object.get(), "peppers"), peppers)) {
        return std::nullopt;
    }
    for (std::size_t index = 0; index + 1 < peppers.size(); index += 2) {
        if (const std::optional<std::uint16_t> version = number_in<std::uint16_t>(peppers[index])) {
            heading.peppers.emplace(*version, peppers[index + 1]);
        }
    }
    return heading;
}

std::string write_part(const store::StoredPart& part) {
    Json line(json_object());
    set(line.get(), "name", encoded(part.name));
    if (part.expires_ms != 0) {
        set_number(line.get(), "expires", part.expires_ms);
    }
    json_t* value = nullptr;
    if (part.type == "string") {
        value = new_text(part.values.front());
    } else if (part.type == "set") {
        value = json_array();
        for (const std::string& member : part.values) {
            json_array_append_new(value, new_text(member));
        }
    } else if (part.type == "stream") {
        set(line.get(), "id", part.values.front());
        value = new_pairs(part.values, 1);
    } else {
        value = new_pairs(part.values, 0);
    }
    json_object_set_new(line.get(), part.type.c_str(), value);
    return dump(line);
}

std::optional<store::StoredPart> read_part(const Json& line) {
    const json_t* name = json_object_get(line.get(), "name");
    const std::optional<std::string> decoded_name = json_is_string(name) ? decoded(text_of(name)) : std::nullopt;
    if (!decoded_name || decoded_name->empty()) {
        return std::nullopt;
    }
    store::StoredPart part;
    part.name = *decoded_name;
    part.expires_ms = json_integer_value(json_object_get(line.get(), "expires"));
    for (const char* type : {"string", "hash", "set", "zset", "stream"}) {
        json_t* value = json_object_get(line.get(), type);
        if (value == nullptr) {
            continue;
        }
        part.type = type;
        if (part.type == "string") {
            return take_text(value, part.values) ? std::optional(std::move(part)) : std::nullopt;
        }
        if (part.type == "set") {
            return take_items(value, part.values) && !part.values.empty() ? std::optional(std::move(part)) : std::nullopt;
        }
        if (part.type == "stream" && !take_text(json_object_get(line.get(), "id"), part.values)) {
            return std::nullopt;
        }
        return take_pairs(value, part.values) && part.values.size() > 1 ? std::optional(std::move(part)) : std::nullopt;
    }
    return std::nullopt;
}

std::string write_end(std::uint64_t parts) {
    Json line(json_object());
    set_number(line.get(), "end", static_cast<std::int64_t>(parts));
    return dump(line);
}

std::optional<std::uint64_t> read_end(const Json& line) {
    const json_t* end = json_object_get(line.get(), "end");
    return json_is_integer(end) ? std::optional(static_cast<std::uint64_t>(json_integer_value(end))) : std::nullopt;
}

} // namespace api_key::tool
