// Suspends a request while it waits for the store, and resumes it. It waits for one thing at a time.
#pragma once

#include <algorithm>
#include <vector>

#include "module/request/request.h"

namespace api_key::module {

// Requests that wait for the same answer.
struct WaitingList : Waited {
    void add(RequestContext& context);
    void forget(RequestContext& context) override { std::erase(waiting, &context); }

    std::vector<RequestContext*> waiting; // in the order in which they came

  protected:
    ~WaitingList() = default;
};

// A flow that one request waits for; the request may be gone before it ends.
template <class Owner>
struct PendingCall final : Waited {
    PendingCall(Owner& its_owner, RequestContext& its_context) : owner(its_owner), context(&its_context) {}
    void forget(RequestContext& /*context*/) override { context = nullptr; }

    Owner& owner;
    RequestContext* context; // null: the client is gone
};

// Sets the handlers of a waiting request as limit_req does, so that a client that goes away is noticed. Returns NGX_AGAIN or an error.
ngx_int_t suspend(RequestContext& context);

// Ends the wait: runs the request's phases again, from an event of its own.
void resume(RequestContext& context, Progress progress = Progress::answered);

// Reads the body; the phases run again when it is there, with `body_read` set. The caller has to return the result to nginx.
ngx_int_t read_body(RequestContext& context);

} // namespace api_key::module
