#include "module/access/session_access.h"

#include "core/policy/cross_site.h"
#include "core/secrets/session.h"
#include "module/access/identity.h"
#include "module/ngx/body.h"
#include "module/ngx/headers.h"
#include "module/request/route_path.h"
#include "module/request/session.h"
#include "module/request/waiting.h"

namespace api_key::module {

namespace {

constexpr off_t max_sign_in = 4096;
constexpr std::string_view not_same_origin = "Only pages of this address may change anything with a session";
constexpr std::string_view not_secure = "A session needs HTTPS: the browser would send its cookie in the clear";
constexpr std::string_view not_json = "The request body must be JSON: Content-Type: application/json";
constexpr std::string_view too_large = "The request body is larger than 4 KB";

RequestSource source_of(ngx_http_request_t* r) {
    const ngx_table_elt_t* host = r->headers_in.host;
    return {header_value(r, "sec-fetch-site"), header_value(r, "origin"), host != nullptr ? view(host->value) : view(r->headers_in.server)};
}

// Refuses a request that is itself invalid, whoever sent it.
Verdict refuse_request(RequestContext& context, ngx_uint_t status, std::string_view message) {
    context.problem = copy_to(context.request->pool, message);
    context.progress = Progress::decided;
    context.reason = Reason::request_invalid;
    context.status = static_cast<std::uint16_t>(status);
    return Verdict::finish(static_cast<ngx_int_t>(status));
}

bool reads_only(ngx_http_request_t* r) {
    return r->method == NGX_HTTP_GET || r->method == NGX_HTTP_HEAD;
}

// The key in the body becomes the request's credential.
Verdict take_signed_in_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    const std::optional<std::string> body = whole_body(r, max_sign_in);
    if (!body) {
        return refuse_request(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, too_large);
    }
    mask_body(r);
    const Result<std::string> key = read_sign_in_document(*body);
    if (!key) {
        return refuse_request(context, NGX_HTTP_BAD_REQUEST, key.error().message);
    }
    context.presented_by = PresentedBy::sign_in;
    context.credentials++;
    if (context.credentials == 1) {
        take_key(context, worker, *key);
    }
    return Verdict::pass();
}

Verdict find_signed_in_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    if (context.presented_by == PresentedBy::sign_in) {
        return Verdict::pass();
    }
    if (!is_same_origin(source_of(r))) {
        return refuse_request(context, NGX_HTTP_FORBIDDEN, not_same_origin);
    }
    if (!is_encrypted(r) && !is_local_host(view(r->headers_in.server))) {
        return refuse_request(context, NGX_HTTP_FORBIDDEN, not_secure);
    }
    if (!is_json_type(header_value(r, "content-type"))) {
        return refuse_request(context, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, not_json);
    }
    if (r->headers_in.content_length_n > max_sign_in) {
        return refuse_request(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, too_large);
    }
    return context.body_read ? take_signed_in_key(context, worker) : Verdict::finish(read_body(context));
}

Verdict find_cookies_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    Session& session = *context.session;
    if (!reads_only(r) && !is_same_origin(source_of(r))) {
        return refuse_request(context, NGX_HTTP_FORBIDDEN, not_same_origin);
    }
    context.presented_by = PresentedBy::session;
    context.credentials = session.cookies;
    if (session.cookies == 1 && session.state == SessionState::not_asked) {
        if (const Verdict verdict = worker.session_lookups.ask(context); verdict.waits()) {
            return verdict;
        }
        session.state = SessionState::unavailable;
    }
    return Verdict::pass();
}

} // namespace

Verdict find_session_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    if (r->method == NGX_HTTP_POST && is_session_route(r)) {
        return find_signed_in_key(context, worker);
    }
    const bool shows_key = context.credentials != 0 && context.presented_by == PresentedBy::key;
    return shows_key || context.session == nullptr ? Verdict::pass() : find_cookies_key(context, worker);
}

Reason reason_of_session(const RequestContext& context) {
    if (context.presented_by != PresentedBy::session || context.session->cookies > 1) {
        return Reason::none;
    }
    switch (context.session->state) {
    case SessionState::not_asked:
    case SessionState::unavailable:
        return Reason::store_unavailable;
    case SessionState::ended:
        return Reason::session_ended;
    case SessionState::found:
        break;
    }
    return Reason::none;
}

Reason reason_for_session(RequestContext& context, Worker& worker, Reason reason) {
    const bool is_key_gone = reason == Reason::invalid_key || reason == Reason::inactive_key || reason == Reason::expired_key;
    if (context.presented_by != PresentedBy::session || (!is_key_gone && reason != Reason::session_ended)) {
        return reason;
    }
    worker.session_lookups.end(context);
    return Reason::session_ended;
}

bool may_sign_out(const RequestContext& context, Reason reason) {
    ngx_http_request_t* r = context.request;
    const bool shows_key = context.credentials != 0 && context.presented_by == PresentedBy::key;
    const bool is_needless = reason == Reason::missing_key || reason == Reason::session_ended || reason == Reason::wrong_key_type ||
                             reason == Reason::ip_not_allowed;
    return is_needless && !shows_key && r->method == NGX_HTTP_DELETE && location_configuration(r).manages && is_session_route(r);
}

} // namespace api_key::module
