#include "core/documents/answer.h"

#include <array>

#include "core/text/json.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

struct StatusNames {
    std::uint16_t status;
    const char* title;
    const char* openai;
    const char* anthropic;
    const char* gemini;
};

// The words of the three vendors' own services for a status; the last row is for all others.
constexpr std::array<StatusNames, 15> statuses{{
    {400, "Bad Request", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {401, "Unauthorized", "invalid_request_error", "authentication_error", "UNAUTHENTICATED"},
    {402, "Payment Required", "insufficient_quota", "billing_error", "FAILED_PRECONDITION"},
    {403, "Forbidden", "invalid_request_error", "permission_error", "PERMISSION_DENIED"},
    {404, "Not Found", "invalid_request_error", "not_found_error", "NOT_FOUND"},
    {405, "Method Not Allowed", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {409, "Conflict", "invalid_request_error", "invalid_request_error", "ABORTED"},
    {413, "Content Too Large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
    {415, "Unsupported Media Type", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {422, "Unprocessable Content", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {426, "Upgrade Required", "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION"},
    {429, "Too Many Requests", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"},
    {500, "Internal Server Error", "server_error", "api_error", "INTERNAL"},
    {503, "Service Unavailable", "server_error", "api_error", "UNAVAILABLE"},
    {0, "Error", "server_error", "api_error", "UNKNOWN"},
}};

const StatusNames& names_of(std::uint16_t status) {
    for (const StatusNames& names : statuses) {
        if (names.status == status) {
            return names;
        }
    }
    return statuses.back();
}

void set_limit(json_t* object, const Answer& answer) {
    if (answer.limit) {
        set(object, "limit", answer.limit->name);
        set_number(object, "used", answer.limit->used);
        set_number(object, "cap", answer.limit->cap);
    }
    if (answer.spend) {
        set(object, "limit", answer.spend->name);
        set(object, "used", format_micro_credits(answer.spend->used_micro_credits));
        set(object, "cap", format_micro_credits(answer.spend->cap_micro_credits));
        set(object, "needed", format_micro_credits(answer.spend->needed_micro_credits));
    }
    if (answer.reset_ms) {
        set(object, "reset", format_rfc3339(*answer.reset_ms));
    }
}

// {"error": inner}
Json wrapped(Json inner) {
    Json body(json_object());
    json_object_set_new(body.get(), "error", inner.release());
    return body;
}

Json openai(const Answer& answer) {
    Json error(json_object());
    set(error.get(), "message", answer.message);
    set(error.get(), "type", names_of(answer.status).openai);
    json_object_set_new(error.get(), "param", answer.param.empty() ? json_null() : json_text(answer.param).release());
    json_object_set_new(error.get(), "code", answer.code.empty() ? json_null() : json_text(answer.code).release());
    set_limit(error.get(), answer);
    return wrapped(std::move(error));
}

Json anthropic(const Answer& answer) {
    Json error(json_object());
    set(error.get(), "type", names_of(answer.status).anthropic);
    set(error.get(), "message", answer.message);
    set_limit(error.get(), answer);
    Json body(json_object());
    set(body.get(), "type", "error");
    json_object_set_new(body.get(), "error", error.release());
    set_unless_empty(body.get(), "request_id", answer.request_id);
    return body;
}

Json gemini(const Answer& answer) {
    Json error(json_object());
    set_number(error.get(), "code", answer.status);
    set(error.get(), "message", answer.message);
    set(error.get(), "status", names_of(answer.status).gemini);
    set_limit(error.get(), answer);
    return wrapped(std::move(error));
}

Json problem(const Answer& answer) {
    Json body(json_object());
    set(body.get(), "type", "about:blank");
    set(body.get(), "title", names_of(answer.status).title);
    set_number(body.get(), "status", answer.status);
    set(body.get(), "detail", answer.message);
    set_unless_empty(body.get(), "code", answer.code);
    set_unless_empty(body.get(), "param", answer.param);
    set_unless_empty(body.get(), "request_id", answer.request_id);
    set_limit(body.get(), answer);
    return body;
}

} // namespace

std::optional<ErrorFormat> error_format_from_name(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{"auto", "simple", "openai", "anthropic", "gemini", "problem"};
    for (std::size_t index = 0; index < names.size(); index++) {
        if (names[index] == name) {
            return static_cast<ErrorFormat>(index);
        }
    }
    return std::nullopt;
}

std::string render(ErrorFormat format, const Answer& answer) {
    switch (format) {
    case ErrorFormat::openai:
        return dump(openai(answer));
    case ErrorFormat::anthropic:
        return dump(anthropic(answer));
    case ErrorFormat::gemini:
        return dump(gemini(answer));
    case ErrorFormat::problem:
        return dump(problem(answer));
    case ErrorFormat::automatic: {
        Json body = wrapped(json_text(answer.message));
        set_limit(body.get(), answer);
        return dump(body);
    }
    case ErrorFormat::simple:
        break;
    }
    return dump(wrapped(json_text(answer.message)));
}

std::string_view content_type(ErrorFormat format) {
    return format == ErrorFormat::problem ? "application/problem+json" : "application/json";
}

std::string_view challenge(Reason reason) {
    const bool none_shown = reason == Reason::missing_key || reason == Reason::session_ended;
    return none_shown ? "Bearer realm=\"api\"" : "Bearer realm=\"api\", error=\"invalid_token\"";
}

} // namespace api_key
