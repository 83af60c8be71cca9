#include "core/tokens/stream_usage.h"

#include <algorithm>

#include "core/text/event_stream.h"
#include "core/text/json.h"

namespace api_key {

namespace {

constexpr std::string_view wanted = R"("include_usage":true)";

// The end of the string that begins at `at`, after its quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (at++; at < text.size() && text[at] != '"'; at++) {
        at += text[at] == '\\' ? 1 : 0;
    }
    return std::min(at + 1, text.size());
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// The end of the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return at;
            }
            depth--;
            at++;
        } else if (c == ',' && depth == 0) {
            return at;
        } else {
            at++;
            continue;
        }
        if (depth == 0) {
            return at;
        }
    }
    return at;
}

// A member's name in its quotes. It may be spelled with escapes.
bool is_name(std::string_view quoted, std::string_view name) {
    if (quoted.find('\\') == std::string_view::npos) {
        return quoted.size() == name.size() + 2 && quoted.substr(1, name.size()) == name;
    }
    const Json text(json_loadb(quoted.data(), quoted.size(), JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
    return text_of(text.get()) == name;
}

struct Range {
    std::size_t begin; // of the member's value
    std::size_t end;
};

// The value of a member of the object that begins at `open`.
std::optional<Range> find_member(std::string_view text, std::size_t open, std::string_view name) {
    std::size_t at = skip_space(text, open + 1);
    while (at < text.size() && text[at] == '"') {
        const std::size_t name_end = end_of_string(text, at);
        const std::size_t colon = text.find(':', name_end);
        const std::size_t value = skip_space(text, colon + 1);
        const std::size_t value_end = end_of_value(text, value);
        if (is_name(text.substr(at, name_end - at), name)) {
            return Range{value, text.find_last_not_of(" \t\r\n", value_end - 1) + 1};
        }
        const std::size_t comma = skip_space(text, value_end);
        at = comma < text.size() && text[comma] == ',' ? skip_space(text, comma + 1) : text.size();
    }
    return std::nullopt;
}

std::string replaced(std::string_view text, const Range& range, std::string_view with) {
    return std::string(text.substr(0, range.begin)) + std::string(with) + std::string(text.substr(range.end));
}

std::string inserted(std::string_view text, std::size_t open, std::string_view member) {
    const bool is_empty = text[skip_space(text, open + 1)] == '}';
    return replaced(text, {open + 1, open + 1}, std::string(member) + (is_empty ? "" : ","));
}

// `data: {"choices":[],"usage":{…}}`
bool is_usage_chunk(std::string_view event) {
    const std::size_t data = event.find("data:");
    if (data == std::string_view::npos || event.find("\"usage\"") == std::string_view::npos) {
        return false;
    }
    const std::string_view text = event.substr(data + 5);
    const Json chunk(json_loadb(text.data(), text.size(), JSON_DISABLE_EOF_CHECK, nullptr));
    const json_t* choices = json_object_get(chunk.get(), "choices");
    return json_is_array(choices) && json_array_size(choices) == 0 && json_is_object(json_object_get(chunk.get(), "usage"));
}

} // namespace

std::optional<std::string> with_usage_asked(std::string_view body) {
    const std::size_t open = skip_space(body, 0);
    if (open == body.size() || body[open] != '{') {
        return std::nullopt;
    }
    const std::optional<Range> options = find_member(body, open, "stream_options");
    if (!options) {
        return inserted(body, open, "\"stream_options\":{" + std::string(wanted) + "}");
    }
    if (body[options->begin] != '{') {
        return replaced(body, *options, "{" + std::string(wanted) + "}");
    }
    const std::optional<Range> include = find_member(body, options->begin, "include_usage");
    return include ? replaced(body, *include, "true") : inserted(body, options->begin, wanted);
}

const Passing& UsageChunkRemover::feed(std::string_view bytes, UsageMeter& meter) {
    begin(bytes);
    while (at_ < bytes_.size()) {
        if (after_return_ && bytes_[at_] == '\n') {
            meter.feed("\n");
            end_of_return();
            continue;
        }
        removed_ = false;
        if (line_empty_ && !is_in_event()) {
            at_ += uneventful_size(bytes_.substr(at_));
            pass();
        }
        const std::size_t end = find_either(bytes_, '\n', '\r', at_);
        const bool ends_line = end < bytes_.size();
        const std::string_view line = bytes_.substr(at_, ends_line ? end + 1 - at_ : std::string_view::npos);
        line_empty_ = line_empty_ && line.size() <= (ends_line ? 1U : 0U);
        after_return_ = ends_line && line.back() == '\r';
        meter.feed(line);
        at_ += line.size();
        check_size();
        if (ends_line) {
            if (line_empty_) {
                end_event();
            }
            line_empty_ = true;
        }
    }
    buffered_ += bytes_.substr(begin_);
    return passing_;
}

const Passing& UsageChunkRemover::finish() {
    begin({});
    end_event();
    return passing_;
}

void UsageChunkRemover::begin(std::string_view bytes) {
    bytes_ = bytes;
    at_ = begin_ = 0;
    passing_.buffered = {};
    passing_.fed.clear();
}

bool UsageChunkRemover::is_in_event() const {
    return passes_ || !buffered_.empty() || begin_ < at_;
}

// A line feed belongs to the line that ended with the carriage return before it.
void UsageChunkRemover::end_of_return() {
    const bool is_of_last_event = buffered_.empty() && begin_ == at_;
    after_return_ = false;
    at_++;
    if (is_of_last_event) {
        pass_unless_removed();
    }
}

void UsageChunkRemover::check_size() {
    if (passes_ || buffered_.size() + at_ - begin_ > max_event_length) {
        passes_ = true;
        pass();
    }
}

void UsageChunkRemover::end_event() {
    removed_ = !passes_ && is_in_event() && ends_usage_chunk();
    pass_unless_removed();
    passes_ = false;
}

bool UsageChunkRemover::ends_usage_chunk() {
    const std::string_view rest = bytes_.substr(begin_, at_ - begin_);
    if (buffered_.empty()) {
        return is_usage_chunk(rest);
    }
    const std::size_t size = buffered_.size();
    buffered_ += rest;
    const bool is_chunk = is_usage_chunk(buffered_);
    buffered_.resize(size);
    return is_chunk;
}

// Passes the buffered bytes, and those up to here.
void UsageChunkRemover::pass() {
    if (!buffered_.empty()) {
        released_.swap(buffered_);
        buffered_.clear();
        passing_.buffered = released_;
    }
    if (begin_ == at_) {
        return;
    }
    const std::string_view piece = bytes_.substr(begin_, at_ - begin_);
    std::vector<std::string_view>& fed = passing_.fed;
    if (!fed.empty() && fed.back().data() + fed.back().size() == piece.data()) {
        fed.back() = {fed.back().data(), fed.back().size() + piece.size()};
    } else {
        fed.push_back(piece);
    }
    begin_ = at_;
}

void UsageChunkRemover::pass_unless_removed() {
    if (!removed_) {
        return pass();
    }
    buffered_.clear();
    begin_ = at_;
}

} // namespace api_key
