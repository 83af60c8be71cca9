// The headers on a key's limits: when to come back, and how much is left.
#pragma once

#include "core/documents/answer.h"
#include "module/request/request.h"

namespace api_key::module {

// RateLimit-Policy and RateLimit (`api_key_headers`), on every answer to a key with limits. NGX_ERROR when memory is short.
ngx_int_t add_rate_limit_headers(ngx_http_request_t* r);

// Retry-After where the wait is worth it, else X-Should-Retry, because the SDKs would sleep for all of it.
ngx_int_t add_retry_headers(ngx_http_request_t* r, const RequestContext& context, Reason reason);

// Describes in the answer the limit that refused.
void describe_limit(const RequestContext& context, Reason reason, Answer& answer);

} // namespace api_key::module
