// Sessions of the dashboard at the management API: a cookie, or the body of a sign-in, is one more source of a credential. What follows is
// decided as for the key itself.
#pragma once

#include "module/request/request.h"
#include "module/request/verdict.h"
#include "module/worker.h"

namespace api_key::module {

// Before the decision: whose key the session or the sign-in stands for.
Verdict find_session_key(RequestContext& context, Worker& worker);

// Why the session does not stand for a key; none when there is no session, or it does.
Reason reason_of_session(const RequestContext& context);

// A session ends with its key, however that ended.
Reason reason_for_session(RequestContext& context, Worker& worker, Reason reason);

// Signing out needs nothing to sign out of.
bool may_sign_out(const RequestContext& context, Reason reason);

} // namespace api_key::module
