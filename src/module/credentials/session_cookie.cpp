#include "module/credentials/session_cookie.h"

#include <span>

#include "core/secrets/session.h"
#include "module/ngx/headers.h"
#include "module/request/request.h"
#include "module/request/session.h"

namespace api_key::module {

namespace {

bool has_cookies(ngx_http_request_t* r) {
#if (nginx_version >= 1023000)
    return r->headers_in.cookie != nullptr;
#else
    return r->headers_in.cookies.nelts != 0;
#endif
}

// Calls `visit` with the value of each session cookie in the headers of this name; it may overwrite the bytes.
template <class Visit>
void for_each_value(ngx_list_t& headers, std::string_view name, Visit visit) {
    for_each_header(headers, name, [&](const ngx_table_elt_t& header) {
        for (auto found = find_cookie(view(header.value), session_cookie); found;
             found = find_cookie(view(header.value), session_cookie, found->end)) {
            visit(std::span(header.value.data + found->begin, found->end - found->begin));
        }
    });
}

void mask_cookie(std::span<u_char> value) {
    ngx_memset(value.data(), '*', value.size());
}

} // namespace

ngx_int_t take_session_cookie(ngx_http_request_t* r) {
    if (r != r->main || !server_configuration(r).manages || !has_cookies(r)) {
        return NGX_DECLINED;
    }
    Session* session = nullptr;
    bool failed = false;
    for_each_value(r->headers_in.headers, "cookie", [&](std::span<u_char> value) {
        session = session != nullptr ? session : make_in_pool<Session>(r->pool);
        const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
        const std::optional<Digest> token = sha256(text);
        failed = session == nullptr || !token;
        if (!failed) {
            session->cookies++;
            session->token = *token;
            session->state = is_session_token(text) ? SessionState::not_asked : SessionState::ended;
        }
        mask_cookie(value);
    });
    if (session == nullptr) {
        return failed ? NGX_ERROR : NGX_DECLINED;
    }
    RequestContext* context = failed ? nullptr : get_context(r);
    if (context == nullptr) {
        return NGX_ERROR;
    }
    context->session = session;
    return NGX_DECLINED;
}

void mask_session_cookies(ngx_http_request_t* r) {
    if (server_configuration(r).manages && has_cookies(r)) {
        for_each_value(r->headers_in.headers, "cookie", mask_cookie);
    }
    if (location_configuration(r).manages) {
        for_each_value(r->headers_out.headers, "set-cookie", mask_cookie);
    }
}

} // namespace api_key::module
