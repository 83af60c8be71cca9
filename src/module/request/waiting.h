// How a request sleeps while it waits for the store, and wakes. It waits for one thing at a time.
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
    RequestContext* context; // null: the client has gone
};

// The handlers of a request that waits, as limit_req's: a client that goes away is noticed. NGX_AGAIN, or an error.
ngx_int_t suspend(RequestContext& context);

// What it waited for has come: runs the request's phases again, from an event of its own.
void resume(RequestContext& context, Progress progress = Progress::answered);

// Reads the body; the phases run again when it is there, with `body_read` set. Answer what it returns.
ngx_int_t read_body(RequestContext& context);

} // namespace api_key::module
