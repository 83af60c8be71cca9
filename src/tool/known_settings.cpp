#include "tool/known_settings.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/secrets/key_text.h"
#include "store/flows/settings_flows.h"

namespace api_key::tool {

namespace {

std::string listed(const std::vector<std::string>& names) {
    return names.empty() ? "none" : fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

} // namespace

std::vector<NodeSettings> settings_of_nodes(Session& session) {
    store::ReadSettings flow(session.keyspace());
    session.run(flow);
    return flow.nodes();
}

std::string problem_of_plan(std::span<const NodeSettings> nodes, const std::string& plan) {
    const std::optional<std::vector<std::string>> plans = plans_of(nodes);
    if (!plans || std::find(plans->begin(), plans->end(), plan) != plans->end()) {
        return {};
    }
    return fmt::format("not every node has a plan \"{}\" (api_key_plans), its keys would be answered 503; plans: {}", plan, listed(*plans));
}

std::string problem_of_type(std::span<const NodeSettings> nodes, const std::string& type) {
    std::vector<std::string> names;
    for (const NodeSettings::Type& one : types_of(nodes)) {
        names.push_back(one.name);
    }
    if (names.empty() || std::find(names.begin(), names.end(), type) != names.end()) {
        return {};
    }
    return fmt::format("no node has a type \"{}\" (api_key_type), its keys would open nothing; types: {}", type, listed(names));
}

void check_plan_of_nodes(Session& session, const std::string& plan, bool force) {
    if (plan.empty() || force) {
        return;
    }
    if (const std::string problem = problem_of_plan(settings_of_nodes(session), plan); !problem.empty()) {
        fail(exit_refused, problem + "; --force sets it");
    }
}

std::string known_prefix(Session& session, const std::string& type, const std::string& given, bool force) {
    std::vector<std::string> types;
    std::vector<std::string> prefixes;
    for (const NodeSettings::Type& one : types_of(settings_of_nodes(session))) {
        types.push_back(fmt::format("{} ({})", one.name, one.prefix));
        if (one.name == type) {
            prefixes.push_back(one.prefix);
        }
    }
    if (given.empty()) {
        if (prefixes.size() == 1) {
            return prefixes.front();
        }
        fail(types.empty() || !prefixes.empty() ? exit_usage : exit_refused,
             types.empty()      ? std::string("--prefix: is required, no node has told its types")
             : prefixes.empty() ? fmt::format("no node has a type \"{}\" (api_key_type); types: {}", type, listed(types))
                                : fmt::format("--prefix: is required, the nodes have several for this type: {}", listed(prefixes)));
    }
    if (!is_key_prefix(given)) {
        fail(exit_usage, "--prefix: expected 1 to 32 of [0-9A-Za-z_-]");
    }
    if (types.empty() || force) {
        return given;
    }
    if (prefixes.empty()) {
        fail(exit_refused, fmt::format("no node has a type \"{}\" (api_key_type), the key would open nothing; types: {}; --force makes it",
                                       type, listed(types)));
    }
    if (std::find(prefixes.begin(), prefixes.end(), given) == prefixes.end()) {
        fail(exit_refused, fmt::format("the prefix of type \"{}\" is {}, not \"{}\"; --force takes it", type, listed(prefixes), given));
    }
    return given;
}

} // namespace api_key::tool
