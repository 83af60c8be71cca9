// The maximum cost of a request, before its upstream is asked (ARCHITECTURE: reserved, then settled).
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

// Whether the request is one that uses tokens, where `api_key_meter` says of which API.
bool uses_tokens(const RequestContext& context, const LocationConfiguration& location);

// Whether the price depends on the model and on the content of the body.
bool is_priced_by_tokens(const RequestContext& context, const LocationConfiguration& location);

// Sets the reserve, `context.reserve_micro_credits`, and `context.charging` where anything is charged at all. A reason when the reserve
// cannot be known (its text is in `context.problem`), or when the model has no price.
Reason find_reserve(RequestContext& context, const LocationConfiguration& location);

// Micro-credits; nothing when the value is not an amount.
std::optional<std::int64_t> amount(ngx_http_request_t* r, ngx_http_complex_value_t* value);

// The price multiplier of the key's plan, in millionths.
std::int64_t multiplier(const RequestContext& context);

} // namespace api_key::module
