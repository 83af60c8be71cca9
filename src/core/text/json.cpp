#include "core/text/json.h"

#include "core/text/utf8.h"

namespace api_key {

Json json_text(std::string_view text) {
    json_t* value = json_stringn(text.data(), text.size());
    if (value == nullptr) {
        const std::string clean = replace_invalid_utf8(text);
        value = json_stringn(clean.data(), clean.size());
    }
    return Json(value);
}

void set(json_t* object, const char* name, std::string_view text) {
    json_object_set_new(object, name, json_text(text).release());
}

void set_unless_empty(json_t* object, const char* name, std::string_view text) {
    if (!text.empty()) {
        set(object, name, text);
    }
}

void set_number(json_t* object, const char* name, std::optional<std::int64_t> number) {
    if (number) {
        json_object_set_new(object, name, json_integer(*number));
    }
}

std::string write_texts(const std::vector<std::string>& texts) {
    const Json array(json_array());
    for (const std::string& text : texts) {
        json_array_append_new(array.get(), json_text(text).release());
    }
    return dump(array);
}

std::string dump(const Json& value) {
    std::string text;
    json_dump_callback(
        value.get(),
        [](const char* bytes, std::size_t size, void* out) {
            static_cast<std::string*>(out)->append(bytes, size);
            return 0;
        },
        &text, JSON_COMPACT | JSON_ENCODE_ANY);
    return text;
}

} // namespace api_key
