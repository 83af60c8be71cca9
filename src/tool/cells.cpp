#include "tool/cells.h"

#include <algorithm>
#include <cctype>
#include <clocale>
#include <cwchar>

#include <fmt/core.h>

#include "core/text/time_text.h"
#include "core/text/utf8.h"

namespace api_key::tool {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Money has six decimals; those beyond cents are shown if they are not 0.
std::string without_zeros(std::string text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos || text.size() - dot - 1 != 6 || !is_number_cell(text)) {
        return text;
    }
    while (text.back() == '0' && text.size() - dot - 1 > 2) {
        text.pop_back();
    }
    return text;
}

// RFC 3339 without its milliseconds.
std::string without_milliseconds(std::string text) {
    constexpr std::string_view pattern = "0000-00-00T00:00:00.000Z";
    constexpr std::size_t dot = 19;
    const bool has_milliseconds = text.size() == pattern.size() && text[dot] == '.' && parse_rfc3339_ms(text);
    return has_milliseconds ? text.erase(dot, pattern.size() - dot - 1) : text;
}

std::string list_cell(const json_t* list) {
    std::string shown;
    std::size_t index = 0;
    const json_t* value = nullptr;
    json_array_foreach(list, index, value) {
        shown += (index == 0 ? "" : ",") + cell(value);
    }
    return shown.empty() ? "-" : shown;
}

// {"type":"key","keyId":7} as `key 7`.
std::string actor_cell(json_t* object) {
    std::string shown;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, name, value) {
        shown += (shown.empty() ? "" : " ") + cell(value);
    }
    return shown;
}

void add_pairs(json_t* object, const std::string& before, std::string& shown) {
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, name, value) {
        if (json_is_object(value) && json_object_size(value) != 0) {
            add_pairs(value, before + name + ".", shown);
        } else {
            shown += fmt::format("{}{}{}={}", shown.empty() ? "" : " ", before, shown_text(name), cell(value));
        }
    }
}

std::string object_cell(json_t* object) {
    const char* first = json_object_iter_key(json_object_iter(object));
    if (first != nullptr && std::string_view(first) == "type") {
        return actor_cell(object);
    }
    std::string shown;
    add_pairs(object, {}, shown);
    return shown.empty() ? "-" : shown;
}

// The width of one character; one that is unknown counts as one column.
std::size_t width_of(std::string_view character) {
    static const bool is_utf8 = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    std::mbstate_t state{};
    wchar_t wide = 0;
    const std::size_t size = is_utf8 ? std::mbrtowc(&wide, character.data(), character.size(), &state) : 0;
    return size != character.size() ? 1 : static_cast<std::size_t>(std::max(wcwidth(wide), 0));
}

std::size_t length_of_first(std::string_view text) {
    return std::max<std::size_t>(utf8_length(text), 1);
}

} // namespace

std::string shown_text(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::string_view character = text.substr(0, length_of_first(text));
        shown += is_plain_text(character) ? std::string(character) : fmt::format("\\x{:02x}", static_cast<unsigned char>(character[0]));
        text.remove_prefix(character.size());
    }
    return shown;
}

std::string cell(const json_t* value) {
    if (value == nullptr || json_is_null(value)) {
        return "-";
    }
    if (json_is_string(value)) {
        const std::string text = without_zeros(without_milliseconds(shown_text(text_of(value))));
        return text.empty() ? "-" : text;
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "yes" : "no";
    }
    if (json_is_array(value)) {
        return list_cell(value);
    }
    if (json_is_object(value)) {
        return object_cell(const_cast<json_t*>(value));
    }
    return dump(Json(json_incref(const_cast<json_t*>(value))));
}

bool is_number_cell(std::string_view text) {
    if (text.starts_with('-') && text.size() > 1) {
        text.remove_prefix(1);
    }
    const std::size_t dot = text.find('.');
    return dot == std::string_view::npos ? is_digits(text) : is_digits(text.substr(0, dot)) && is_digits(text.substr(dot + 1));
}

bool is_time_cell(std::string_view text) {
    return parse_rfc3339_ms(text).has_value();
}

std::size_t shown_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const std::size_t length = length_of_first(text);
        width += width_of(text.substr(0, length));
        text.remove_prefix(length);
    }
    return width;
}

std::string cut_to(std::string_view text, std::size_t width) {
    if (shown_width(text) <= width) {
        return std::string(text);
    }
    std::string cut;
    for (std::size_t used = 1; !text.empty() && width != 0;) {
        const std::string_view character = text.substr(0, length_of_first(text));
        used += width_of(character);
        if (used > width) {
            break;
        }
        cut += character;
        text.remove_prefix(character.size());
    }
    return width == 0 ? cut : cut + "…";
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
    const std::string gap(width - std::min(width, shown_width(text)), ' ');
    return to_the_right ? gap + text : text + gap;
}

std::string heading_of(std::string_view member) {
    if (member.size() > 2 && member.ends_with("At")) {
        member.remove_suffix(2);
    }
    std::string heading;
    for (const char c : member) {
        const bool is_upper = c >= 'A' && c <= 'Z';
        heading += is_upper ? " " : "";
        heading += c == '.' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return heading;
}

} // namespace api_key::tool
