// Sessions of the dashboard at the management API: a cookie, or the body of a sign-in, stands for a key. What follows is decided as for the
// key itself.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/secrets/digest.h"
#include "module/request/request.h"
#include "store/flows/session_flows.h"
#include "store/nginx/client.h"

namespace api_key::module {

enum class SessionState : std::uint8_t { not_asked, found, ended, unavailable };

// What the cookie of one request says.
struct Session {
    unsigned cookies = 0;
    SessionState state = SessionState::not_asked;
    Digest token{}; // SHA-256 of the cookie's value
    store::StoredSession stored;
};

// A session read on behalf of requests: those that bring the same cookie meanwhile wait for the same answer.
struct SessionLookup {
    Worker& worker;
    Digest token;
    std::vector<RequestContext*> waiting;
    store::Operation* operation = nullptr;
};

class Sessions {
  public:
    explicit Sessions(Worker& worker) : worker_(worker) {}

    // The request's session will be known: it is suspended until then. False when the store is known to be away.
    bool wait(RequestContext& context);

    // Its key is no longer good: the session does not come back with it.
    void end(RequestContext& context);

    // The client has gone.
    void forget(RequestContext& context);

  private:
    bool ask(SessionLookup& lookup);
    static void done(void* context, store::Flow& flow);
    void answer(SessionLookup& lookup, store::Flow& flow);
    void deliver(RequestContext& context, const store::Flow& flow) const;

    Worker& worker_;
    std::unordered_map<Digest, std::unique_ptr<SessionLookup>, DigestHash> running_;
};

// The earliest phase: the cookie's value goes into the request's context, and out of the header.
ngx_int_t take_session_cookie(ngx_http_request_t* r);

// Before the access log: what was never taken out, and the cookie that an answer sets.
void mask_session_cookies(ngx_http_request_t* r);

// In the access phase of the management API, before the decision: whose key the session or the sign-in stands for. Nothing: go on; else it
// is what the phase answers.
std::optional<ngx_int_t> find_session_key(RequestContext& context, Worker& worker);

// Why the session does not stand for a key; none when there is no session, or it does.
Reason reason_of_session(const RequestContext& context);

// A session ends with its key, however that ended.
Reason reason_for_session(Reason reason);

// Signing out needs nothing to sign out of.
bool may_sign_out(const RequestContext& context, Reason reason);

} // namespace api_key::module
