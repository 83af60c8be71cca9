#include "module/admission/sessions.h"

#include <span>

#include "core/policy/cross_site.h"
#include "core/secrets/session.h"
#include "core/text/ascii.h"
#include "module/access/identity.h"
#include "module/admission/key_lookup.h"
#include "module/manage/handler.h"
#include "module/ngx/body.h"
#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

constexpr off_t largest_sign_in = 4096;
constexpr std::string_view not_same_origin = "Only pages of this address may change anything with a session";
constexpr std::string_view not_secure = "A session needs HTTPS: the browser would send its cookie in the clear";
constexpr std::string_view not_json = "The request body must be JSON: Content-Type: application/json";
constexpr std::string_view too_large = "The request body is larger than 4 KB";

bool has_cookies(ngx_http_request_t* r) {
#if (nginx_version >= 1023000)
    return r->headers_in.cookie != nullptr;
#else
    return r->headers_in.cookies.nelts != 0;
#endif
}

// Calls `visit` for the value of each session cookie in the headers of this name; the bytes may be overwritten.
template <class Visit>
void for_each_value(ngx_list_t& headers, std::string_view name, Visit visit) {
    for (ngx_list_part_t* part = &headers.part; part != nullptr; part = part->next) {
        for (ngx_table_elt_t& header : std::span(static_cast<ngx_table_elt_t*>(part->elts), part->nelts)) {
            if (!equal_in_any_case(view(header.key), name)) {
                continue;
            }
            for (auto found = find_cookie(view(header.value), session_cookie); found;
                 found = find_cookie(view(header.value), session_cookie, found->end)) {
                visit(std::span(header.value.data + found->begin, found->end - found->begin));
            }
        }
    }
}

void mask(std::span<u_char> value) {
    ngx_memset(value.data(), '*', value.size());
}

RequestSource source_of(ngx_http_request_t* r) {
    const ngx_table_elt_t* host = r->headers_in.host;
    return {header_value(r, "sec-fetch-site"), header_value(r, "origin"), host != nullptr ? view(host->value) : view(r->headers_in.server)};
}

// Refused for what the request is, not for whose it is.
ngx_int_t refuse_request(RequestContext& context, ngx_uint_t status, std::string_view message) {
    context.problem = copy_to(context.request->pool, message);
    context.progress = Progress::decided;
    context.reason = Reason::request_invalid;
    context.status = static_cast<std::uint16_t>(status);
    return static_cast<ngx_int_t>(status);
}

bool reads_only(ngx_http_request_t* r) {
    return r->method == NGX_HTTP_GET || r->method == NGX_HTTP_HEAD;
}

// The key in the body is the credential that the request shows.
std::optional<ngx_int_t> take_signed_in_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    const std::optional<std::string> body = whole_body(r, largest_sign_in);
    if (!body) {
        return refuse_request(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, too_large);
    }
    mask_body(r);
    const Result<std::string> key = read_sign_in_document(*body);
    if (!key) {
        return refuse_request(context, NGX_HTTP_BAD_REQUEST, key.error().message);
    }
    context.shown = ShownBy::sign_in;
    context.credentials++;
    if (context.credentials == 1) {
        identify(context, worker, *key);
    }
    return std::nullopt;
}

std::optional<ngx_int_t> find_signed_in_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    if (context.shown == ShownBy::sign_in) {
        return std::nullopt;
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
    if (r->headers_in.content_length_n > largest_sign_in) {
        return refuse_request(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, too_large);
    }
    return context.body_read ? take_signed_in_key(context, worker) : read_body(r);
}

std::optional<ngx_int_t> find_cookies_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    Session& session = *context.session;
    if (!reads_only(r) && !is_same_origin(source_of(r))) {
        return refuse_request(context, NGX_HTTP_FORBIDDEN, not_same_origin);
    }
    context.shown = ShownBy::session;
    context.credentials = session.cookies;
    if (session.cookies == 1 && session.state == SessionState::not_asked) {
        if (worker.sessions.wait(context)) {
            return suspend(context);
        }
        session.state = SessionState::unavailable;
    }
    return std::nullopt;
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
        mask(value);
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
        for_each_value(r->headers_in.headers, "cookie", mask);
    }
    if (location_configuration(r).manages) {
        for_each_value(r->headers_out.headers, "set-cookie", mask);
    }
}

std::optional<ngx_int_t> find_session_key(RequestContext& context, Worker& worker) {
    ngx_http_request_t* r = context.request;
    if (r->method == NGX_HTTP_POST && is_session_route(r)) {
        return find_signed_in_key(context, worker);
    }
    const bool shows_key = context.credentials != 0 && context.shown == ShownBy::key;
    return shows_key || context.session == nullptr ? std::nullopt : find_cookies_key(context, worker);
}

Reason reason_of_session(const RequestContext& context) {
    if (context.shown != ShownBy::session || context.session->cookies > 1) {
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

Reason reason_for_session(Reason reason) {
    switch (reason) {
    case Reason::invalid_key:
    case Reason::inactive_key:
    case Reason::expired_key:
        return Reason::session_ended;
    default:
        return reason;
    }
}

bool may_sign_out(const RequestContext& context, Reason reason) {
    ngx_http_request_t* r = context.request;
    const bool shows_key = context.credentials != 0 && context.shown == ShownBy::key;
    const bool is_needless = reason == Reason::missing_key || reason == Reason::session_ended || reason == Reason::wrong_key_type ||
                             reason == Reason::ip_not_allowed;
    return is_needless && !shows_key && r->method == NGX_HTTP_DELETE && location_configuration(r).manages && is_session_route(r);
}

bool Sessions::wait(RequestContext& context) {
    const Digest& token = context.session->token;
    std::unique_ptr<SessionLookup>& lookup = running_[token];
    if (!lookup) {
        lookup.reset(new SessionLookup{worker_, token, {}, nullptr});
        if (!ask(*lookup)) {
            running_.erase(token);
            return false;
        }
    }
    context.session_lookup = lookup.get();
    lookup->waiting.push_back(&context);
    return true;
}

bool Sessions::ask(SessionLookup& lookup) {
    const Peppers& peppers = *worker_.configuration.peppers;
    std::vector<Digest> names;
    for (std::size_t index = 0; index < peppers.size(); index++) {
        if (const auto name = peppers.digest(index, lookup.token)) {
            names.push_back(*name);
        }
    }
    lookup.operation =
        worker_.client->run(std::make_unique<store::ReadSession>(*worker_.configuration.keyspace, std::move(names)), done, &lookup);
    return lookup.operation != nullptr;
}

void Sessions::done(void* context, store::Flow& flow) {
    auto& lookup = *static_cast<SessionLookup*>(context);
    lookup.worker.sessions.answer(lookup, flow);
}

void Sessions::answer(SessionLookup& lookup, store::Flow& flow) {
    if (flow.outcome() == store::Outcome::unavailable) {
        worker_.operation_failed(flow.reason());
    }
    for (RequestContext* context : lookup.waiting) {
        deliver(*context, flow);
        resume(*context);
    }
    running_.erase(Digest(lookup.token));
}

void Sessions::deliver(RequestContext& context, const store::Flow& flow) const {
    context.session_lookup = nullptr;
    context.progress = Progress::fresh;
    Session& session = *context.session;
    if (flow.outcome() != store::Outcome::done) {
        const bool is_unknown = flow.outcome() == store::Outcome::not_found && !worker_.store_check.is_pepper_wrong();
        session.state = is_unknown ? SessionState::ended : SessionState::unavailable;
        return;
    }
    session.state = SessionState::ended;
    session.stored = static_cast<const store::ReadSession&>(flow).session();
    const MainConfiguration& main = worker_.configuration;
    const std::optional<SessionKey> key = open_session_key(*main.peppers, session.stored.sealed, session.token);
    for (const KeyType& type : main.types) {
        if (key && type.name == key->type) {
            session.state = SessionState::found;
            context.type = &type;
            context.digest = key->digest;
        }
    }
}

void Sessions::end(RequestContext& context) {
    Session& session = *context.session;
    if (std::exchange(session.state, SessionState::ended) != SessionState::found) {
        return;
    }
    Author author;
    author.peppers = &*worker_.configuration.peppers;
    author.key_id = session.stored.key_id;
    author.address = view(context.request->connection->addr_text);
    author.request_id = request_id(context.request);
    author.now_ms = unix_ms();
    worker_.writes->run(std::make_unique<store::EndSession>(*worker_.configuration.keyspace, std::move(author), session.stored), nullptr,
                        nullptr);
}

void Sessions::forget(RequestContext& context) {
    SessionLookup* lookup = std::exchange(context.session_lookup, nullptr);
    if (lookup == nullptr) {
        return;
    }
    std::erase(lookup->waiting, &context);
    if (lookup->waiting.empty()) {
        worker_.client->abandon(lookup->operation);
        running_.erase(Digest(lookup->token));
    }
}

} // namespace api_key::module
