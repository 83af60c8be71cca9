// Owning wrappers of jansson's values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <jansson.h>

namespace api_key {

struct JsonDeleter {
    void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonDeleter>;

// A JSON string; bytes that are not UTF-8 become U+FFFD.
Json json_text(std::string_view text);

// Set a member of an object; set_number() leaves the member out if there is no number.
void set(json_t* object, const char* name, std::string_view text);
void set_unless_empty(json_t* object, const char* name, std::string_view text);
void set_number(json_t* object, const char* name, std::optional<std::int64_t> number);

// A JSON array of strings.
std::string write_texts(const std::vector<std::string>& texts);

// Compact, in the order of insertion.
std::string dump(const Json& value);

// A string value without copying it.
inline std::string_view text_of(const json_t* value) {
    return {json_string_value(value), json_string_length(value)};
}

} // namespace api_key
