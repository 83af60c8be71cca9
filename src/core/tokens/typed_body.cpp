#include "core/tokens/typed_body.h"

#include "core/policy/model_name.h"
#include "core/text/ascii.h"
#include "core/text/header_value.h"
#include "core/tokens/multipart_form.h"
#include "core/tokens/request_body.h"

namespace api_key {

namespace {

// With another charset (`application/json; charset=utf-7`) an upstream could read other names.
bool has_other_charset(std::string_view content_type) {
    constexpr std::string_view name = "charset";
    const std::optional<HeaderValue> value = read_header_value(content_type);
    for (; content_type.size() >= name.size(); content_type.remove_prefix(1)) {
        if (starts_in_any_case(content_type, name)) {
            return !value || !is_utf8_name(value->charset);
        }
    }
    return false;
}

} // namespace

Result<RequestFacts> read_typed_body(std::optional<MeterDialect> dialect, Api api, std::string_view content_type, std::string_view body) {
    const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
    if (equal_in_any_case(type, "multipart/form-data")) {
        return read_multipart_body(content_type, body);
    }
    if (starts_in_any_case(type, "multipart/")) {
        return Error{"", "A request body of several parts must be multipart/form-data"};
    }
    if (has_other_charset(content_type)) {
        return Error{"", "The request body must be UTF-8"};
    }
    if (equal_in_any_case(type, "application/x-www-form-urlencoded") && names_another_model(body, {})) {
        return Error{"model", "model: a form and JSON in one cannot be checked"};
    }
    return read_json_body(dialect, api, body);
}

} // namespace api_key
