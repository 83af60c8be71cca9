#include "module/manage/handler.h"

#include <algorithm>

#include "module/manage/resources.h"
#include "module/ngx/body.h"
#include "module/request/route_path.h"

namespace api_key::module {

namespace {

constexpr off_t max_body = off_t{64} * 1024;

std::optional<ManageMethod> method_of(const ngx_http_request_t* r) {
    switch (r->method) {
    case NGX_HTTP_GET:
    case NGX_HTTP_HEAD:
        return ManageMethod::get;
    case NGX_HTTP_POST:
        return ManageMethod::post;
    case NGX_HTTP_PUT:
        return ManageMethod::put;
    case NGX_HTTP_PATCH:
        return ManageMethod::patch;
    case NGX_HTTP_DELETE:
        return ManageMethod::remove;
    default:
        return std::nullopt;
    }
}

bool is_sign_out(const ManageTarget& target) {
    return target.route != nullptr && target.resource == Resource::session && target.route->action == Action::remove;
}

ManageCall* make_call(const CallStart& start) {
    switch (start.target.resource) {
    case Resource::keys:
        return make_keys_call(start);
    case Resource::key_usage:
        return make_key_usage_call(start);
    case Resource::request_logs:
        return make_request_logs_call(start);
    case Resource::audit_log:
        return make_audit_log_call(start);
    case Resource::account:
        return make_account_call(start);
    case Resource::session:
        return make_session_call(start);
    case Resource::document:
        break;
    }
    return make_document_call(start);
}

void refuse_large_body(ngx_http_request_t* r) {
    send_refusal(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "The request body is larger than 64 KB", info(Reason::request_too_large).name);
}

void body_is_here(ngx_http_request_t* r) {
    std::optional<std::string> body = whole_body(r, max_body);
    if (!body) {
        return refuse_large_body(r);
    }
    deciding_context(r)->manage_call->start(std::move(*body));
}

ngx_int_t refuse_path(ngx_http_request_t* r) {
    const ngx_int_t result = ngx_http_discard_request_body(r);
    if (result != NGX_OK) {
        return result;
    }
    r->main->count++;
    send_refusal(r, NGX_HTTP_NOT_FOUND, "No such route", "not_found");
    return NGX_DONE;
}

ngx_int_t refuse_type(RequestContext& context, const LocationConfiguration& location) {
    const ErrorOverride& error = location.errors[static_cast<std::size_t>(Reason::wrong_key_type)];
    context.reason = Reason::wrong_key_type;
    context.status = error.status != 0 ? error.status : info(Reason::wrong_key_type).status;
    return context.status;
}

} // namespace

ngx_int_t manage_handler(ngx_http_request_t* r) {
    RequestContext* context = deciding_context(r);
    const std::optional<ManageTarget> target = find_manage_route(method_of(r), route_path(r));
    const bool signs_out = target && is_sign_out(*target);
    if (r != r->main || context == nullptr || context->progress != Progress::decided || context->reason != Reason::none ||
        (!context->has_record && !signs_out)) {
        return NGX_HTTP_FORBIDDEN; // `satisfy any` let it in without a key, so there is no account to show
    }
    if (!signs_out && !context->type->manages && !(target && target->for_any_key)) {
        return refuse_type(*context, location_configuration(r));
    }
    if (!target) {
        return refuse_path(r);
    }
    if (r->headers_in.content_length_n > max_body) {
        r->keepalive = 0;
        r->lingering_close = 1;
        r->main->count++;
        refuse_large_body(r);
        return NGX_DONE;
    }
    context->manage_call = make_call({r, *context, *worker(), *target});
    if (context->manage_call == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t result = ngx_http_read_client_request_body(r, body_is_here);
    return result >= NGX_HTTP_SPECIAL_RESPONSE ? result : NGX_DONE;
}

} // namespace api_key::module
