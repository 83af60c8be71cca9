// What a request costs at the most, before its upstream is asked (ARCHITECTURE: reserved, then settled).
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

// Does the price depend on the model and on what the body says?
bool is_priced_by_tokens(const RequestContext& context, const LocationConfiguration& location);

// What to hold back: `context.reserve_micro_credits`, with `context.charging` set where anything is charged at all. A reason when it cannot
// be known (its words are in `context.problem`), or when the model has no price.
Reason find_reserve(RequestContext& context, const LocationConfiguration& location);

// Micro-credits; nothing when a variable says nothing that is an amount.
std::optional<std::int64_t> amount(ngx_http_request_t* r, ngx_http_complex_value_t* value);

// Of the key's plan.
std::int64_t multiplier(const RequestContext& context);

} // namespace api_key::module
