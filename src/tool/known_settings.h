// Refuses plans, types and prefixes that no node has: a key or an account with them would be of no use. If no node has reported its
// settings, nothing is refused.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/policy/node_settings.h"
#include "tool/session.h"

namespace api_key::tool {

// What the nodes have; empty if none has reported it.
std::vector<NodeSettings> settings_of_nodes(Session& session);

// Why no key may have this plan; empty: it may.
std::string problem_of_plan(std::span<const NodeSettings> nodes, const std::string& plan);

// Why no key may be of this type; empty: it may.
std::string problem_of_type(std::span<const NodeSettings> nodes, const std::string& type);

// Both end the program on a refusal, unless `force`.
void check_plan_of_nodes(Session& session, const std::string& plan, bool force);

// The prefix of new secrets of a type: the one that is given, else the nodes'.
std::string known_prefix(Session& session, const std::string& type, const std::string& given, bool force);

} // namespace api_key::tool
