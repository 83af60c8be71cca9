#include <algorithm>

#include "core/text/time_text.h"
#include "store/flows/node_flows.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

// A number of a change ahead of the store is of another time, as in late_nodes.lua.
bool has_confirmed(const store::ListedNode& node, std::uint64_t sequence) {
    return node.applied == sequence;
}

const char* state_of(const store::ListedNode& node, const store::ListNodes& all) {
    const std::int64_t silent_ms = all.store_now_ms() - node.seen_ms;
    if (silent_ms > node.trust_ms) {
        return "gone"; // it answers 503 to what it would have to ask for
    }
    if (silent_ms > store::LateNodes::silent_after_ms) {
        return "silent";
    }
    return has_confirmed(node, all.sequence()) ? "ok" : "behind";
}

void list_nodes(const Options& options) {
    Session session(options);
    store::ListNodes flow(session.keyspace());
    session.run(flow);
    std::vector<store::ListedNode> nodes = flow.nodes();
    std::sort(nodes.begin(), nodes.end(), [](const auto& one, const auto& other) { return one.name < other.name; });
    const Json array(json_array());
    for (const store::ListedNode& node : nodes) {
        json_t* row = json_object();
        set(row, "name", node.name);
        set(row, "state", state_of(node, flow));
        set(row, "lastHeartbeatAt", format_rfc3339(node.seen_ms));
        json_object_set_new(row, "confirmed", json_boolean(has_confirmed(node, flow.sequence())));
        set_number(row, "trustSeconds", node.trust_ms / 1000);
        json_array_append_new(array.get(), row);
    }
    session.print(array, {"name", "state", "lastHeartbeatAt", "confirmed", {"TRUSTS CACHE S", "trustSeconds", true}});
}

} // namespace

void add_node_commands(CLI::App& app, const Options& options) {
    CLI::App* node = app.add_subcommand("node", "the nodes: each nginx with the module")->require_subcommand(1);
    node->add_subcommand("list", "all nodes, their last heartbeat, and whether they have confirmed the last change")->callback([&options] {
        list_nodes(options);
    });
}

} // namespace api_key::tool
