// All accounts of a store.
#pragma once

#include <vector>

#include "store/flows/account_flows.h"
#include "tool/session.h"

namespace api_key::tool {

std::vector<store::Account> all_accounts(Session& session); // oldest first

} // namespace api_key::tool
