#include "core/request_body.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

#include "core/ascii.h"
#include "core/utf8.h"

namespace api_key {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t longest_model = 256;
constexpr std::int64_t most_tokens = std::int64_t{1} << 31;
constexpr std::int64_t most_choices = 1024;

using Problem = std::optional<Error>;

Error wrong(std::string_view field, std::string_view what) {
    return Error{std::string(field), std::string(field) + ": " + std::string(what)};
}

Problem check_model(std::string_view model) {
    if (model.empty() || model.size() > longest_model || !is_plain_text(model)) {
        return wrong("model", "expected a name of 1 to 256 bytes without control characters");
    }
    return std::nullopt;
}

Problem read_model(const element& value, RequestFacts& facts) {
    std::string_view model;
    if (value.get(model) != simdjson::SUCCESS) {
        return wrong("model", "expected a text");
    }
    facts.model = model;
    return check_model(model);
}

Problem read_number(std::string_view field, const element& value, std::int64_t most, std::int64_t& number) {
    if (value.get(number) != simdjson::SUCCESS || number < 1 || number > most) {
        return wrong(field, "expected a whole number above 0");
    }
    return std::nullopt;
}

Problem read_max_tokens(std::string_view field, const element& value, RequestFacts& facts) {
    std::int64_t tokens = 0;
    if (value.is_null()) {
        return std::nullopt;
    }
    if (Problem problem = read_number(field, value, most_tokens, tokens)) {
        return problem;
    }
    facts.max_output_tokens = std::max(tokens, facts.max_output_tokens.value_or(0));
    return std::nullopt;
}

Problem read_choices(std::string_view field, const element& value, RequestFacts& facts) {
    return value.is_null() ? std::nullopt : read_number(field, value, most_choices, facts.choices);
}

Problem read_flag(std::string_view field, const element& value, bool& flag) {
    if (!value.is_null() && value.get(flag) != simdjson::SUCCESS) {
        return wrong(field, "expected true or false");
    }
    return std::nullopt;
}

Problem read_stream_options(const element& value, RequestFacts& facts);
Problem read_generation_config(const element& value, RequestFacts& facts);

using Read = Problem (*)(std::string_view field, const element& value, RequestFacts& facts);

struct Member {
    std::string_view name;
    Read read;
};

constexpr std::array<Member, 8> members{{
    {"model", [](std::string_view, const element& value, RequestFacts& facts) { return read_model(value, facts); }},
    {"max_tokens", read_max_tokens},
    {"max_completion_tokens", read_max_tokens},
    {"max_output_tokens", read_max_tokens},
    {"n", read_choices},
    {"stream", [](std::string_view field, const element& value, RequestFacts& facts) { return read_flag(field, value, facts.streams); }},
    {"stream_options", [](std::string_view, const element& value, RequestFacts& facts) { return read_stream_options(value, facts); }},
    {"generationConfig", [](std::string_view, const element& value, RequestFacts& facts) { return read_generation_config(value, facts); }},
}};

constexpr std::array<Member, 2> generation_members{{{"maxOutputTokens", read_max_tokens}, {"candidateCount", read_choices}}};

constexpr std::array<Member, 1> stream_members{{{"include_usage", [](std::string_view field, const element& value, RequestFacts& facts) {
                                                     return read_flag(field, value, facts.asks_for_usage);
                                                 }}}};

// Every member that matters, once. simdjson gives names unescaped: `mod\u0065l` is `model`.
template <std::size_t count>
Problem read_members(const object& from, const std::array<Member, count>& wanted, RequestFacts& facts) {
    std::array<bool, count> seen{};
    for (const auto& field : from) {
        const auto member = std::find_if(wanted.begin(), wanted.end(), [&](const Member& one) { return one.name == field.key; });
        if (member == wanted.end()) {
            continue;
        }
        bool& before = seen[static_cast<std::size_t>(member - wanted.begin())];
        if (std::exchange(before, true)) {
            return wrong(member->name, "named twice");
        }
        if (Problem problem = member->read(member->name, field.value, facts)) {
            return problem;
        }
    }
    return std::nullopt;
}

template <std::size_t count>
Problem read_object(std::string_view field, const element& value, const std::array<Member, count>& wanted, RequestFacts& facts) {
    object inner;
    if (value.is_null()) {
        return std::nullopt;
    }
    return value.get(inner) == simdjson::SUCCESS ? read_members(inner, wanted, facts) : wrong(field, "expected an object");
}

Problem read_stream_options(const element& value, RequestFacts& facts) {
    return read_object("stream_options", value, stream_members, facts);
}

Problem read_generation_config(const element& value, RequestFacts& facts) {
    return read_object("generationConfig", value, generation_members, facts);
}

// Names of members that bring in what is not in the body, in any of the three APIs.
constexpr std::array<std::string_view, 11> references{
    "previous_response_id", "conversation", "image_url", "file_id", "file_url", "url", "file_uri", "fileUri", "fileData", "file_data",
    "cachedContent"};

bool refers_elsewhere(const element& value) {
    if (object inner; value.get(inner) == simdjson::SUCCESS) {
        return std::any_of(inner.begin(), inner.end(), [](const auto& field) {
            const bool named = std::find(references.begin(), references.end(), field.key) != references.end();
            return (named && !field.value.is_null()) || refers_elsewhere(field.value);
        });
    }
    if (simdjson::dom::array list; value.get(list) == simdjson::SUCCESS) {
        return std::any_of(list.begin(), list.end(), refers_elsewhere);
    }
    return false;
}

// ---- multipart/form-data -----------------------------------------------------------------------------------------------------

// A parameter of `form-data; name="model"`; nothing when it is not there, an error in `twice` when it is there more than once.
std::optional<std::string_view> parameter(std::string_view header, std::string_view name, bool& twice) {
    std::optional<std::string_view> found;
    while (!header.empty()) {
        const bool quoted = header.find('"') < header.find(';');
        const std::size_t open = header.find('"');
        const std::size_t close = quoted ? header.find('"', open + 1) : 0;
        const std::size_t end = std::min(header.find(';', quoted ? std::min(close, header.size()) : 0), header.size());
        const std::string_view part = trimmed(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos || !equal_in_any_case(trimmed(part.substr(0, equals)), name)) {
            continue;
        }
        std::string_view value = trimmed(part.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        twice = twice || found.has_value();
        found = value;
    }
    return found;
}

Error malformed_form() {
    return {"", "The multipart form is malformed"};
}

// One part between two boundaries: its headers, an empty line, its content.
Problem read_part(std::string_view part, RequestFacts& facts) {
    const std::size_t end = part.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return malformed_form();
    }
    std::string_view disposition;
    unsigned dispositions = 0;
    for (std::string_view headers = part.substr(0, end); !headers.empty();) {
        const std::size_t line_end = std::min(headers.find("\r\n"), headers.size());
        const std::string_view line = headers.substr(0, line_end);
        headers.remove_prefix(std::min(line_end + 2, headers.size()));
        const std::size_t colon = std::min(line.find(':'), line.size());
        if (equal_in_any_case(trimmed(line.substr(0, colon)), "content-disposition")) {
            disposition = line.substr(std::min(colon + 1, line.size()));
            dispositions++;
        }
    }
    bool twice = dispositions != 1;
    const std::optional<std::string_view> name = parameter(disposition, "name", twice);
    const bool is_file = parameter(disposition, "filename", twice) || parameter(disposition, "filename*", twice);
    if (twice || !name || name->find('\\') != std::string_view::npos || name->find('%') != std::string_view::npos) {
        return malformed_form();
    }
    if (*name != "model") {
        return std::nullopt;
    }
    if (is_file || !facts.model.empty()) {
        return wrong("model", is_file ? "expected a text, not a file" : "named twice");
    }
    facts.model = part.substr(end + 4);
    return check_model(facts.model);
}

} // namespace

Result<RequestFacts> read_json_body(std::string_view body) {
    simdjson::dom::parser parser;
    element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document); error != simdjson::SUCCESS) {
        return Error{"", std::string("The request body is not valid JSON: ") + simdjson::error_message(error)};
    }
    object root;
    if (document.get(root) != simdjson::SUCCESS) {
        return Error{"", "The request body must be a JSON object"};
    }
    RequestFacts facts;
    if (Problem problem = read_members(root, members, facts)) {
        return *problem;
    }
    facts.input_elsewhere = refers_elsewhere(document);
    return facts;
}

Result<RequestFacts> read_multipart_body(std::string_view content_type, std::string_view body) {
    bool twice = false;
    const std::optional<std::string_view> boundary = parameter(content_type, "boundary", twice);
    if (twice || !boundary || boundary->empty() || boundary->size() > 70) {
        return malformed_form();
    }
    const std::string delimiter = "--" + std::string(*boundary);
    if (!body.starts_with(delimiter)) {
        return malformed_form();
    }
    RequestFacts facts;
    body.remove_prefix(delimiter.size());
    while (body.starts_with("\r\n")) {
        body.remove_prefix(2);
        const std::size_t end = body.find("\r\n" + delimiter);
        if (end == std::string_view::npos) {
            return malformed_form();
        }
        if (Problem problem = read_part(body.substr(0, end), facts)) {
            return *problem;
        }
        body.remove_prefix(end + 2 + delimiter.size());
    }
    return body.starts_with("--") ? Result<RequestFacts>(facts) : malformed_form();
}

} // namespace api_key
