// Which model a request asks for (`api_key_model`), and whether its key and its plan allow that.
#pragma once

#include "core/policy/reason.h"
#include "module/request/request.h"
#include "module/request/verdict.h"

namespace api_key::module {

// For a location that does not read the model: false for methods that only look things up, which use none.
bool may_name_a_model(const ngx_http_request_t& r);

// Learns the model of a request whose key nothing else refuses, and whether its stream has to be asked for its usage. Passes when both are
// known or not needed; finishes while the body is being read, or with nginx's answer to a body that cannot be read.
Verdict learn_model(RequestContext& context, const LocationConfiguration& location);

// `none` when the model may be used. The text of another reason is in `context.problem`.
Reason decide_model(RequestContext& context, const LocationConfiguration& location);

} // namespace api_key::module
