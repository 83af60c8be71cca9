// What a request is charged when it is over (ARCHITECTURE: reserved, then settled).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Micro-credits. What the answer has told, else the whole reserve; nothing where nobody worked for it.
std::int64_t true_cost(RequestContext& context);

} // namespace api_key::module
