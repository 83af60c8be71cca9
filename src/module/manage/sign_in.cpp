// The dashboard's sign-in and sign-out.
#include "core/policy/cross_site.h"
#include "core/secrets/session.h"
#include "core/text/time_text.h"
#include "module/manage/resources.h"
#include "module/request/route_path.h"
#include "module/request/session.h"
#include "store/flows/account_flows.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr Pace pace_of_sign_ins{6000, 100}; // of an account; bounds its sessions and log entries

json_t* number(std::uint64_t value) {
    return json_integer(static_cast<json_int_t>(value));
}

class SessionCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void show();
    void sign_in();
    void show_signed_in(const store::CreateSession& created);
    void sign_out();
    void answer_ended(const store::EndSession& ended);
    void confirm_signed_out();
    void send_session(const store::ReadAccount& read);
    Json managed_types_object() const;
    bool set_cookie(std::string_view token);

    std::shared_ptr<std::string> token_ = make_wiped_text();
    ngx_uint_t status_ = NGX_HTTP_OK;
    std::int64_t until_ms_ = 0;
};

void SessionCall::begin(Action action) {
    switch (action) {
    case Action::create:
        return sign_in();
    case Action::remove:
        return sign_out();
    case Action::read:
        return show();
    case Action::list:
    case Action::update:
    case Action::rotate:
    case Action::clone:
    case Action::read_own:
    case Action::balance:
    case Action::transactions:
    case Action::subscription:
        break;
    }
    refuse_unknown_action();
}

void SessionCall::show() {
    if (caller().presented_by != PresentedBy::session) {
        return refuse(NGX_HTTP_NOT_FOUND, "No session: this request brought a key", "not_found");
    }
    until_ms_ = caller().session->stored.until_ms;
    run<&SessionCall::send_session>(account());
}

// The access phase has already taken the key from the body and accepted it.
void SessionCall::sign_in() {
    const std::optional<std::string> token = make_session_token(store::system_random);
    const std::optional<Digest> sha = token ? sha256(*token) : std::nullopt;
    const std::optional<Digest> name = sha ? peppers().digest(0, *sha) : std::nullopt;
    store::StoredSession session;
    if (name) {
        session = {*name, account(), caller_id(), 0,
                   seal_session_key(peppers(), {caller().digest, caller().type->name}, *sha, store::system_random)};
    }
    if (session.sealed.empty()) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "No session could be made");
    }
    *token_ = *token;
    Author by = author();
    by.pace = pace_of_sign_ins;
    run<&SessionCall::show_signed_in>(std::move(by), std::move(session));
}

void SessionCall::show_signed_in(const store::CreateSession& created) {
    if (!set_cookie(*token_)) {
        return finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    status_ = NGX_HTTP_CREATED;
    until_ms_ = created.until_ms();
    run<&SessionCall::send_session>(account());
}

void SessionCall::send_session(const store::ReadAccount& read) {
    const RecordView& key = *caller().record;
    const std::int64_t expires_ms = key.expires_ms != 0 ? std::min(key.expires_ms, until_ms_) : until_ms_;
    const Json object(json_object());
    json_object_set_new(object.get(), "account", number(account()));
    set(object.get(), "accountName", read.account().name);
    json_object_set_new(object.get(), "keyId", number(caller_id()));
    set(object.get(), "name", key.name);
    if (key.role != Role::owner) {
        set(object.get(), "role", role_name(key.role));
    }
    set(object.get(), "expiresAt", format_rfc3339(expires_ms));
    json_object_set_new(object.get(), "types", managed_types_object().release());
    set(object.get(), "deletes", location().delete_rule.value_or(DeleteRule::always) == DeleteRule::unused ? "unused" : "always");
    send(status_, dump(object));
}

Json SessionCall::managed_types_object() const {
    Json types(json_array());
    for (const KeyType* type : shown_key_types()) {
        Json object(json_object());
        set(object.get(), "name", type->name);
        set(object.get(), "prefix", type->prefix);
        json_object_set_new(object.get(), "manages", json_boolean(type->manages));
        json_array_append_new(types.get(), object.release());
    }
    return types;
}

void SessionCall::sign_out() {
    if (caller().presented_by != PresentedBy::session) {
        return send(NGX_HTTP_NO_CONTENT, {});
    }
    const store::StoredSession& stored = caller().session->stored;
    if (stored.key_id == 0) {
        return confirm_signed_out();
    }
    Author by = author();
    by.key_id = stored.key_id;
    by.now_ms = unix_ms();
    run<&SessionCall::answer_ended>(std::move(by), stored);
}

void SessionCall::answer_ended(const store::EndSession& /*ended*/) {
    confirm_signed_out();
}

void SessionCall::confirm_signed_out() {
    if (!set_cookie({})) {
        return finalize(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    send(NGX_HTTP_NO_CONTENT, {});
}

bool SessionCall::set_cookie(std::string_view token) {
    const bool secure = is_encrypted(request()) || !is_local_host(view(request()->headers_in.server));
    std::string cookie = set_session_cookie(token, mount_path(request()), secure);
    const bool added = add_response_header(request(), "Set-Cookie", cookie) == NGX_OK;
    ngx_explicit_memzero(cookie.data(), cookie.size());
    return added;
}

} // namespace

ManageCall* make_session_call(const CallStart& start) {
    return make_in_pool<SessionCall>(start.request->pool, start);
}

} // namespace api_key::module
