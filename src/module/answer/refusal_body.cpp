#include "module/answer/refusal_body.h"

#include "module/answer/limit_headers.h"
#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

std::string size_text(off_t bytes) {
    constexpr off_t kilobyte = 1024;
    constexpr off_t megabyte = kilobyte * kilobyte;
    return bytes % megabyte == 0   ? std::to_string(bytes / megabyte) + " MB"
           : bytes % kilobyte == 0 ? std::to_string(bytes / kilobyte) + " KB"
                                   : std::to_string(bytes) + " bytes";
}

std::string too_large(ngx_http_request_t* r) {
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    return "The request body is larger than " + size_text(core->client_max_body_size);
}

std::string model_not_allowed(const RequestContext& context) {
    const std::string_view model = view(context.model);
    if (model.empty()) {
        return "This API key may use some models alone, and which one a request uses is not known here";
    }
    const std::string allowed = context.model_scope().refusing_list(model);
    return std::string(info(Reason::model_not_allowed).message) + ": " + std::string(model) +
           (allowed.empty() ? "" : " (allowed: " + allowed + ")");
}

// The default message, where it depends on the request.
std::string sentence(ngx_http_request_t* r, Reason reason) {
    const RequestContext* const context = deciding_context(r);
    switch (reason) {
    case Reason::rate_limited:
    case Reason::quota_exceeded:
        return std::string(refusal_message(context->refusal->window));
    case Reason::model_not_allowed:
        return model_not_allowed(*context);
    case Reason::request_too_large:
        return too_large(r);
    case Reason::request_invalid:
    case Reason::model_unpriced:
    case Reason::option_unpriced:
        return std::string(context != nullptr && context->problem.len != 0 ? view(context->problem) : info(reason).message);
    default:
        return std::string(info(reason).message);
    }
}

// The field at fault: what a problem begins with, as in `model: is required`.
std::string_view field_at_fault(const RequestContext* context, Reason reason) {
    if (reason == Reason::model_not_allowed || reason == Reason::model_unpriced) {
        return "model";
    }
    if (context == nullptr || (reason != Reason::request_invalid && reason != Reason::option_unpriced)) {
        return {};
    }
    const std::string_view problem = view(context->problem);
    const std::size_t end = problem.find_first_of(" :");
    return end != std::string_view::npos && problem.substr(end).starts_with(": ") ? problem.substr(0, end) : std::string_view();
}

} // namespace

ngx_str_t refusal_body(ngx_http_request_t* r, Reason reason, ErrorFormat format) {
    const ErrorOverride& error = location_configuration(r).errors[static_cast<std::size_t>(reason)];
    const RequestContext* const context = deciding_context(r);
    Answer answer;
    answer.status = static_cast<std::uint16_t>(r->headers_out.status);
    std::string words;
    ngx_str_t set_words{};
    if (error.message != nullptr) {
        if (ngx_http_complex_value(r, error.message, &set_words) != NGX_OK) {
            return {0, nullptr};
        }
        answer.message = view(set_words);
    } else {
        words = sentence(r, reason);
        answer.message = words;
    }
    if (context != nullptr) {
        describe_limit(*context, reason, answer);
    }
    answer.param = field_at_fault(context, reason);
    answer.code = info(reason).code;
    answer.request_id = request_id(r);
    Worker* const the_worker = worker();
    return copy_to(r->pool, the_worker != nullptr ? the_worker->rendered_answers.body(format, answer) : render(format, answer));
}

} // namespace api_key::module
