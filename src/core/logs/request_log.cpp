#include "core/logs/request_log.h"

#include <array>

#include "core/text/money.h"
#include "core/text/number.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

std::string number_text(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string();
}

std::string csv_value(std::string_view value) {
    const bool is_formula = !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
    std::string quoted = is_formula ? "\"'" : "\"";
    for (const char c : value) {
        quoted += c;
        if (c == '"') {
            quoted += c;
        }
    }
    return quoted + '"';
}

} // namespace

bool RequestLogFilter::matches(const RequestLogEntry& entry) const {
    return (!key_id || entry.key_id == *key_id) && (request_id.empty() || entry.request_id == request_id) &&
           (method.empty() || entry.method == method) && entry.path.starts_with(path_prefix) && (model.empty() || entry.model == model) &&
           (result.empty() || entry.result == result) && (status_from == 0 || (entry.status >= status_from && entry.status <= status_to)) &&
           entry.at_ms >= from_ms && (until_ms == 0 || entry.at_ms < until_ms);
}

std::optional<LogCursor> LogCursor::parse(std::string_view text) {
    const std::size_t last = text.rfind('-');
    const std::string_view entry = text.substr(0, std::min(last, text.size()));
    const std::size_t dash = entry.find('-');
    if (dash == std::string_view::npos || !whole_number(entry.substr(0, dash)) || !whole_number(entry.substr(dash + 1))) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> index = whole_number(text.substr(last + 1));
    return index ? std::optional(LogCursor{std::string(entry), *index}) : std::nullopt;
}

bool read_status_filter(std::string_view text, RequestLogFilter& filter) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 3 || text[0] < '1' || text[0] > '5') {
        return false;
    }
    const auto hundred = static_cast<std::uint16_t>((text[0] - '0') * 100);
    if (text.substr(1) == "xx") {
        filter.status_from = hundred;
        filter.status_to = static_cast<std::uint16_t>(hundred + 99);
        return true;
    }
    if (!is_digit(text[1]) || !is_digit(text[2])) {
        return false;
    }
    filter.status_from = filter.status_to = static_cast<std::uint16_t>(hundred + (text[1] - '0') * 10 + (text[2] - '0'));
    return true;
}

Json request_object(const RequestLogEntry& entry) {
    Json owner(json_object());
    json_t* object = owner.get();
    set_unless_empty(object, "at", format_rfc3339(entry.at_ms));
    set_number(object, "keyId", static_cast<std::int64_t>(entry.key_id));
    set_unless_empty(object, "keyName", entry.key_name);
    set_unless_empty(object, "keyAlias", entry.key_alias);
    set_unless_empty(object, "keyType", entry.key_type);
    set_unless_empty(object, "method", entry.method);
    set_unless_empty(object, "path", entry.path);
    set_number(object, "status", entry.status);
    set_unless_empty(object, "result", entry.result);
    set_number(object, "firstByteMs", entry.first_byte_ms);
    set_unless_empty(object, "address", entry.address);
    if (entry.cost_micro_credits) {
        set_unless_empty(object, "credits", format_micro_credits(*entry.cost_micro_credits));
    }
    set_unless_empty(object, "model", entry.model);
    set_number(object, "inputTokens", entry.input_tokens);
    set_number(object, "outputTokens", entry.output_tokens);
    set_unless_empty(object, "requestId", entry.request_id);
    return owner;
}

std::string request_csv(const RequestLogEntry& entry) {
    const std::array<std::string, 15> values{format_rfc3339(entry.at_ms),
                                             std::to_string(entry.key_id),
                                             entry.key_name,
                                             entry.key_alias,
                                             entry.method,
                                             entry.path,
                                             std::to_string(entry.status),
                                             entry.result,
                                             number_text(entry.first_byte_ms),
                                             entry.address,
                                             entry.cost_micro_credits ? format_micro_credits(*entry.cost_micro_credits) : std::string(),
                                             entry.model,
                                             number_text(entry.input_tokens),
                                             number_text(entry.output_tokens),
                                             entry.request_id};
    std::string line;
    for (std::size_t index = 0; index < values.size(); index++) {
        line += (index == 0 ? "" : ",") + csv_value(values[index]);
    }
    return line + "\r\n";
}

} // namespace api_key
