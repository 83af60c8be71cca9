// A header's value with parameters behind it, as `multipart/form-data; boundary=b` (RFC 9110, RFC 7578).
#pragma once

#include <optional>
#include <string_view>

namespace api_key {

// What stands before the parameters, and those that matter, without their quotes.
struct HeaderValue {
    std::string_view value;
    std::optional<std::string_view> name;
    std::optional<std::string_view> boundary;
    std::optional<std::string_view> charset;
    bool has_file_name = false;
};

// Nothing for a parameter that is malformed, named twice, escaped, or spelled by RFC 2231 (`name*0=`), which some parsers join and others
// pass over.
std::optional<HeaderValue> read_header_value(std::string_view header);

bool is_header_token(std::string_view text);

// No charset at all is UTF-8 as well.
bool is_utf8_name(const std::optional<std::string_view>& charset);

} // namespace api_key
