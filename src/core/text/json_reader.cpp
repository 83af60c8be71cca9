#include "core/text/json_reader.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/text/money.h"

namespace api_key {

namespace {

// A number is too large for floating point: names its member, the last name before it.
Error overflow_error(std::string_view text, std::size_t position) {
    const std::string_view before = text.substr(0, position);
    const std::size_t colon = before.rfind(':');
    const std::size_t end = colon == std::string_view::npos ? colon : before.rfind('"', colon);
    const std::size_t begin = end == std::string_view::npos || end == 0 ? std::string_view::npos : before.rfind('"', end - 1);
    return wrong(begin == std::string_view::npos ? "" : before.substr(begin + 1, end - begin - 1), "a number out of range");
}

// jansson's message without the piece of text that it quotes, which may hold what must not be echoed.
Error syntax_error(std::string_view subject, const json_error_t& error) {
    const std::string_view text(error.text);
    const std::size_t near = text.find(" near '");
    const std::string_view quoted = near == std::string_view::npos ? std::string_view() : text.substr(near + 7);
    if (json_error_code(&error) == json_error_duplicate_key && quoted.size() > 3) {
        const std::string field(quoted.substr(1, quoted.size() - 3)); // `"name"'`
        return Error{field, field + ": named twice"};
    }
    return Error{"", std::string(subject) + " is not valid JSON: " + std::string(text.substr(0, near)) + " at line " +
                         std::to_string(error.line) + ", column " + std::to_string(error.column)};
}

std::string min_decimal_length(double value) {
    std::array<char, 400> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc{} ? std::string(text.data(), end) : std::string();
}

} // namespace

Result<Json> read_object(std::string_view subject, std::string_view text) {
    json_error_t error{};
    Json document(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error));
    if (!document) {
        const bool overflow = json_error_code(&error) == json_error_numeric_overflow && error.position > 0;
        return overflow ? overflow_error(text, static_cast<std::size_t>(error.position)) : syntax_error(subject, error);
    }
    if (!json_is_object(document.get())) {
        return Error{"", std::string(subject) + " must be a JSON object"};
    }
    return document;
}

Error wrong(std::string_view field, std::string_view expected) {
    return Error{std::string(field), std::string(field) + ": " + std::string(expected)};
}

std::optional<std::int64_t> whole_number(const json_t* value, std::int64_t least, std::int64_t most) {
    const double number = json_real_value(value);
    if (!json_is_real(value) || number < static_cast<double>(least) || number > static_cast<double>(most) || number != std::floor(number)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> millionths(const json_t* value) {
    if (json_is_string(value)) {
        return parse_micro_credits(text_of(value));
    }
    return json_is_real(value) ? parse_micro_credits(min_decimal_length(json_real_value(value))) : std::nullopt;
}

} // namespace api_key
