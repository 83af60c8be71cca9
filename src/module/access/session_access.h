// Sessions of the dashboard at the management API: a cookie, or the body of a sign-in, is another source of a credential. From there on the
// decision is the same as for the key itself.
#pragma once

#include "module/request/request.h"
#include "module/request/verdict.h"
#include "module/worker.h"

namespace api_key::module {

// Finds, before the decision, the key that the session or the sign-in stands for.
Verdict find_session_key(RequestContext& context, Worker& worker);

// Why the session does not stand for a key; none when there is no session, or it does.
Reason reason_of_session(const RequestContext& context);

// Ends the session if its key is no longer good, for whatever reason.
Reason reason_for_session(RequestContext& context, Worker& worker, Reason reason);

// Signing out succeeds without a session too.
bool may_sign_out(const RequestContext& context, Reason reason);

} // namespace api_key::module
