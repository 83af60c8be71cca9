// The dashboard's sign-in and sign-out.
#include "core/policy/cross_site.h"
#include "core/secrets/session.h"
#include "core/text/time_text.h"
#include "module/manage/call.h"
#include "module/request/route_path.h"
#include "module/request/session.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr Pace pace_of_sign_ins{6000, 100}; // of an account: sessions and entries of the log are bounded by it

json_t* number(std::uint64_t value) {
    return json_integer(static_cast<json_int_t>(value));
}

} // namespace

void ManageCall::session() {
    switch (request_->method) {
    case NGX_HTTP_POST:
        return sign_in();
    case NGX_HTTP_DELETE:
        return sign_out();
    case NGX_HTTP_GET:
    case NGX_HTTP_HEAD:
        if (caller_.shown != ShownBy::session) {
            return refuse(NGX_HTTP_NOT_FOUND, "No session: this request brought a key", "not_found");
        }
        return send_session(NGX_HTTP_OK, caller_.session->stored.until_ms);
    default:
        return refuse(NGX_HTTP_NOT_ALLOWED, "Use GET, POST or DELETE here");
    }
}

// The access phase has taken the key out of the body and let it pass.
void ManageCall::sign_in() {
    const Peppers& peppers = *worker_.configuration.peppers;
    const std::optional<std::string> token = make_session_token(store::system_random);
    const std::optional<Digest> sha = token ? sha256(*token) : std::nullopt;
    const std::optional<Digest> name = sha ? peppers.digest(0, *sha) : std::nullopt;
    store::StoredSession session;
    if (name) {
        session = {*name, account_, caller_id_, 0,
                   seal_session_key(peppers, {caller_.digest, caller_.type->name}, *sha, store::system_random)};
    }
    if (session.sealed.empty()) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "No session could be made");
    }
    *secret_ = *token;
    Author by = author();
    by.pace = pace_of_sign_ins;
    run(std::make_unique<store::CreateSession>(*worker_.configuration.keyspace, std::move(by), std::move(session)),
        &ManageCall::answer_signed_in);
}

void ManageCall::answer_signed_in(store::Flow& flow) {
    if (!set_cookie(*secret_)) {
        return finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    send_session(NGX_HTTP_CREATED, static_cast<const store::CreateSession&>(flow).until_ms());
}

void ManageCall::send_session(ngx_uint_t status, std::int64_t until_ms) {
    const RecordView& key = caller_.record;
    const std::int64_t expires_ms = key.expires_ms != 0 ? std::min(key.expires_ms, until_ms) : until_ms;
    const Json object(json_object());
    json_object_set_new(object.get(), "account", number(account_));
    json_object_set_new(object.get(), "keyId", number(caller_id_));
    json_object_set_new(object.get(), "name", json_text(key.name).release());
    json_object_set_new(object.get(), "expiresAt", json_text(format_rfc3339(expires_ms)).release());
    send(status, dump(object));
}

void ManageCall::sign_out() {
    if (caller_.shown != ShownBy::session) {
        return send(NGX_HTTP_NO_CONTENT, {});
    }
    const store::StoredSession& stored = caller_.session->stored;
    if (stored.key_id == 0) {
        return set_cookie({}) ? send(NGX_HTTP_NO_CONTENT, {}) : finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    Author by = author();
    by.key_id = stored.key_id;
    by.now_ms = unix_ms();
    run(std::make_unique<store::EndSession>(*worker_.configuration.keyspace, std::move(by), stored), &ManageCall::answer_signed_out);
}

void ManageCall::answer_signed_out(store::Flow& /*flow*/) {
    if (!set_cookie({})) {
        return finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    send(NGX_HTTP_NO_CONTENT, {});
}

bool ManageCall::set_cookie(std::string_view token) {
    const bool secure = is_encrypted(request_) || !is_local_host(view(request_->headers_in.server));
    std::string cookie = set_session_cookie(token, mount_path(request_), secure);
    const bool added = add_response_header(request_, "Set-Cookie", cookie) == NGX_OK;
    ngx_explicit_memzero(cookie.data(), cookie.size());
    return added;
}

} // namespace api_key::module
