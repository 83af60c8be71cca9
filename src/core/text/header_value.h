// A header's value and its parameters, as in `multipart/form-data; boundary=b` (RFC 9110, RFC 7578).
#pragma once

#include <optional>
#include <string_view>

namespace api_key {

// The value before the parameters, and the parameters that we use, without their quotes.
struct HeaderValue {
    std::string_view value;
    std::optional<std::string_view> name;
    std::optional<std::string_view> boundary;
    std::optional<std::string_view> charset;
    bool has_file_name = false;
};

// Nothing for a parameter that is malformed, named twice, escaped, or encoded by RFC 2231 (`name*0=`), which some parsers join and others
// ignore.
std::optional<HeaderValue> read_header_value(std::string_view header);

bool is_header_token(std::string_view text);

// A missing charset counts as UTF-8.
bool is_utf8_name(const std::optional<std::string_view>& charset);

} // namespace api_key
