// The charge for a request, once it is over (ARCHITECTURE: reserved, then settled).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Micro-credits: the cost that the answer reported, else the whole reserve; 0 where no upstream worked for it.
std::int64_t true_cost(RequestContext& context);

} // namespace api_key::module
