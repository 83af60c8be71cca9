#include "core/text/header_value.h"

#include <algorithm>
#include <string>

#include "core/text/ascii.h"
#include "core/text/folded_name.h"
#include "core/text/next_part.h"

namespace api_key {

namespace {

constexpr std::string_view token_characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~";

// A parameter of a header: `name="model"` in `form-data; name="model"`.
struct Parameter {
    std::string_view name;
    std::string_view value; // without its quotes
    bool is_quoted = false;
};

// Removes the next parameter from `header`, with the semicolon behind it. Nothing if it is malformed.
std::optional<Parameter> take_parameter(std::string_view& header) {
    const std::size_t equals = header.find('=');
    Parameter parameter;
    parameter.name = trimmed(header.substr(0, equals));
    if (equals == std::string_view::npos || !is_header_token(parameter.name)) {
        return std::nullopt;
    }
    header = trimmed(header.substr(equals + 1));
    parameter.is_quoted = header.starts_with('"');
    const std::size_t end = std::min(header.find(parameter.is_quoted ? '"' : ';', 1), header.size());
    if (parameter.is_quoted && end == header.size()) {
        return std::nullopt;
    }
    parameter.value = parameter.is_quoted ? header.substr(1, end - 1) : trimmed(header.substr(0, end));
    header = trimmed(header.substr(end + (parameter.is_quoted ? 1 : 0)));
    const bool ends_well = header.empty() || header.starts_with(';');
    if (!ends_well || (!parameter.is_quoted && !parameter.value.empty() && !is_header_token(parameter.value))) {
        return std::nullopt;
    }
    header = trimmed(header.substr(header.empty() ? 0 : 1));
    return parameter;
}

bool take(std::optional<std::string_view>& place, std::string_view value) {
    const bool is_first = !place.has_value();
    place = value;
    return is_first && value.find_first_of("\\%") == std::string_view::npos;
}

} // namespace

bool is_header_token(std::string_view text) {
    return !text.empty() && text.find_first_not_of(token_characters) == std::string_view::npos;
}

bool is_utf8_name(const std::optional<std::string_view>& charset) {
    return !charset || equal_in_any_case(*charset, "utf-8") || equal_in_any_case(*charset, "utf8") ||
           equal_in_any_case(*charset, "us-ascii");
}

std::optional<HeaderValue> read_header_value(std::string_view header) {
    HeaderValue result;
    result.value = trimmed(next_part(header, ';'));
    header = trimmed(header);
    while (!header.empty()) {
        const std::optional<Parameter> parameter = take_parameter(header);
        if (!parameter) {
            return std::nullopt;
        }
        const std::string name = folded_name(parameter->name);
        if (name == "filename" || name == "filename*") {
            result.has_file_name = true;
            continue;
        }
        const bool is_clear = name == "name"       ? take(result.name, parameter->value)
                              : name == "boundary" ? take(result.boundary, parameter->value)
                              : name == "charset"  ? take(result.charset, parameter->value)
                                                   : name.find('*') == std::string::npos;
        if (!is_clear) {
            return std::nullopt;
        }
    }
    return result;
}

} // namespace api_key
