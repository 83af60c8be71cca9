#include "core/tokens/multipart_form.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/policy/model_name.h"
#include "core/text/ascii.h"
#include "core/text/folded_name.h"
#include "core/text/header_value.h"
#include "core/text/json_reader.h"
#include "core/text/next_part.h"

namespace api_key {

namespace {

using Problem = std::optional<Error>;

constexpr std::string_view line_end = "\r\n";

Error malformed_form() {
    return {"", "The multipart form is malformed"};
}

// The headers of a part.
struct Part {
    std::optional<HeaderValue> disposition;
    std::optional<HeaderValue> type;
    bool has_others = false; // most likely an encoding
};

std::optional<Part> read_headers(std::string_view headers) {
    Part part;
    while (!headers.empty()) {
        const std::size_t end = std::min(headers.find(line_end), headers.size());
        std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + line_end.size(), headers.size()));
        const bool has_colon = line.find(':') != std::string_view::npos;
        const std::string_view name = next_part(line, ':');
        if (!has_colon || !is_header_token(name) || line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
            return std::nullopt; // also for folded lines
        }
        const bool is_disposition = equal_in_any_case(name, "content-disposition");
        if (!is_disposition && !equal_in_any_case(name, "content-type")) {
            part.has_others = part.has_others || !equal_in_any_case(name, "content-length");
            continue;
        }
        std::optional<HeaderValue>& place = is_disposition ? part.disposition : part.type;
        if (place.has_value()) {
            return std::nullopt;
        }
        place = read_header_value(line);
        if (!place) {
            return std::nullopt;
        }
    }
    return part;
}

// One part between two boundaries: its headers, an empty line, its content.
Problem read_part(std::string_view text, RequestFacts& facts) {
    const std::size_t end = text.find("\r\n\r\n");
    const std::optional<Part> part = end != std::string_view::npos ? read_headers(text.substr(0, end)) : std::nullopt;
    if (!part || !part->disposition || !part->disposition->name) {
        return malformed_form();
    }
    const HeaderValue& disposition = *part->disposition;
    const std::string_view type = part->type ? part->type->value : std::string_view("text/plain");
    if (disposition.has_file_name || !equal_in_any_case(type, "text/plain")) {
        facts.input_elsewhere = true;
        if (!starts_in_any_case(type, "image/") && !starts_in_any_case(type, "text/")) {
            facts.options.push_back({AskedFor::audio_input, std::string(*disposition.name), "audio", 0});
        }
    }
    const std::string name = folded_name(*disposition.name);
    if (name != "model" && !name.starts_with("model[")) {
        return name == "_charset_" ? Problem(malformed_form()) : std::nullopt;
    }
    if (*disposition.name != "model" || part->has_others || !equal_in_any_case(disposition.value, "form-data") ||
        (part->type && !is_utf8_name(part->type->charset))) {
        return wrong("model", "cannot be read for certain");
    }
    if (disposition.has_file_name || !facts.model.empty()) {
        return wrong("model", disposition.has_file_name ? "expected a text, not a file" : "named twice");
    }
    facts.model = text.substr(end + 4);
    return check_model_name(facts.model);
}

} // namespace

Result<RequestFacts> read_multipart_body(std::string_view content_type, std::string_view body) {
    const std::optional<HeaderValue> type = read_header_value(content_type);
    if (!type || !type->boundary || type->boundary->empty() || type->boundary->size() > 70 || !is_utf8_name(type->charset)) {
        return malformed_form();
    }
    const std::string delimiter = "--" + std::string(*type->boundary);
    RequestFacts facts;
    facts.bytes = static_cast<std::int64_t>(body.size());
    if (!body.starts_with(delimiter)) {
        return malformed_form();
    }
    body.remove_prefix(delimiter.size());
    while (body.starts_with(line_end)) {
        body.remove_prefix(line_end.size());
        const std::size_t end = body.find(delimiter); // also after other line ends, or in a line: parsers disagree on these
        if (end == std::string_view::npos || !body.substr(0, end).ends_with(line_end)) {
            return malformed_form();
        }
        if (Problem problem = read_part(body.substr(0, end - line_end.size()), facts)) {
            return *problem;
        }
        body.remove_prefix(end + delimiter.size());
    }
    return body == "--" || body == "--\r\n" ? Result<RequestFacts>(std::move(facts)) : malformed_form();
}

} // namespace api_key
