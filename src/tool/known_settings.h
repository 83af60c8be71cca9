// Refuses plans, types and prefixes that no node has: a key or an account with them would be of no use. If no node has reported its
// settings, nothing is refused.
#pragma once

#include <string>

#include "tool/session.h"

namespace api_key::tool {

// Both end the program on a refusal, unless `force`.
void check_plan_of_nodes(Session& session, const std::string& plan, bool force);

// The prefix of new secrets of a type: the one that is given, else the nodes'.
std::string known_prefix(Session& session, const std::string& type, const std::string& given, bool force);

} // namespace api_key::tool
