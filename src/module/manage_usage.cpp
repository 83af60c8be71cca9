// What keys have used, as the management API shows it.
#include <algorithm>

#include "core/key_writer.h"
#include "module/manage_call.h"
#include "store/allowance_flows.h"

namespace api_key::module {

std::function<Rates(std::string_view)> ManageCall::rates_by_plan() const {
    return [this](std::string_view name) {
        const std::optional<Plans>& plans = worker_.configuration.plans;
        const Plan* plan = plans ? plans->find(name) : nullptr;
        return plan != nullptr ? plan->rates : Rates{};
    };
}

void ManageCall::usage(std::uint64_t id, Answer answer) {
    run(std::make_unique<store::ReadUsage>(*worker_.configuration.keyspace, scope(), id, rates_by_plan()), answer);
}

// What this node was granted and has not used is charged, but not used.
WindowStates ManageCall::used_states(const store::Flow& flow) const {
    const auto& read = static_cast<const store::ReadUsage&>(flow);
    WindowStates states = read.states();
    for (WindowState& state : states) {
        state.used = std::max<std::int64_t>(state.used - worker_.limits.held(read.key().id), 0);
    }
    return states;
}

void ManageCall::answer_usage(store::Flow& flow) {
    const auto& read = static_cast<const store::ReadUsage&>(flow);
    send(NGX_HTTP_OK, write_usage(read.key(), used_states(flow), read.spend()));
}

void ManageCall::answer_me(store::Flow& flow) {
    const auto& read = static_cast<const store::ReadUsage&>(flow);
    send(NGX_HTTP_OK, write_me(read.key(), used_states(flow), read.spend(), read.store_now_ms()));
}

} // namespace api_key::module
