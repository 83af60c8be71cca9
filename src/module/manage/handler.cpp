#include "module/manage/handler.h"

#include <algorithm>

#include "core/text/next_part.h"
#include "core/text/number.h"
#include "module/manage/call.h"
#include "module/ngx/body.h"
#include "module/request/route_path.h"

namespace api_key::module {

namespace {

constexpr off_t largest_body = off_t{64} * 1024;

std::optional<Route> parse_route(std::string_view path) {
    Route route;
    const std::string_view collection = next_part(path, '/');
    if (collection == "me" && path.empty()) {
        route.me = true;
        return route;
    }
    if (collection == "session" && path.empty()) {
        route.session = true;
        return route;
    }
    if (collection == "openapi.json" && path.empty()) {
        route.document = true;
        return route;
    }
    if (path.empty() && (collection == "balance" || collection == "transactions" || collection == "subscription" || collection == "audit" ||
                         collection == "logs" || collection == "usage")) {
        route.of_account = collection;
        return route;
    }
    if (collection != "keys" && collection != "billing-keys") {
        return std::nullopt;
    }
    route.billing_keys = collection == "billing-keys";
    if (path.empty()) {
        return route;
    }
    const std::string_view id = next_part(path, '/');
    route.id = whole_number(id);
    route.action = next_part(path, '/');
    const bool is_plain_number = route.id && *route.id != 0 && std::to_string(*route.id) == id;
    if (!is_plain_number || !path.empty() ||
        (!route.action.empty() && route.action != "rotate" && route.action != "clone" && route.action != "usage" &&
         route.action != "logs")) {
        return std::nullopt;
    }
    return route;
}

bool may_manage(const RequestContext& context, const Route& route) {
    return context.type->manages || route.me || route.document;
}

void body_is_here(ngx_http_request_t* r) {
    ManageCall& call = *deciding_context(r)->manage_call;
    std::optional<std::string> body = whole_body(r, largest_body);
    if (!body) {
        call.refuse(NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "The request body is larger than 64 KB", info(Reason::request_too_large).name);
        return;
    }
    call.start(std::move(*body));
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
    const std::optional<Route> route = parse_route(route_path(r));
    const bool signs_out = route && route->session && r->method == NGX_HTTP_DELETE;
    if (r != r->main || context == nullptr || context->progress != Progress::decided || context->reason != Reason::none ||
        (!context->has_record && !signs_out)) {
        return NGX_HTTP_FORBIDDEN; // `satisfy any` let it in without a key: whose keys should it see?
    }
    if (!signs_out && !may_manage(*context, route.value_or(Route{}))) {
        return refuse_type(*context, location_configuration(r));
    }
    auto* call = make_in_pool<ManageCall>(r->pool, r, *context, *worker());
    if (call == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (!route) {
        const ngx_int_t result = ngx_http_discard_request_body(r);
        if (result != NGX_OK) {
            return result;
        }
        r->main->count++;
        call->refuse(NGX_HTTP_NOT_FOUND, "No such route", "not_found");
        return NGX_DONE;
    }
    call->route = *route;
    if (r->headers_in.content_length_n > largest_body) {
        r->keepalive = 0;
        r->lingering_close = 1;
        r->main->count++;
        call->refuse(NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "The request body is larger than 64 KB", info(Reason::request_too_large).name);
        return NGX_DONE;
    }
    context->manage_call = call;
    const ngx_int_t result = ngx_http_read_client_request_body(r, body_is_here);
    return result >= NGX_HTTP_SPECIAL_RESPONSE ? result : NGX_DONE;
}

} // namespace api_key::module
