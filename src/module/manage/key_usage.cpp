// What keys have used, as the management API shows it.
#include <algorithm>

#include "core/documents/key_writer.h"
#include "module/manage/call.h"
#include "store/flows/allowance_flows.h"
#include "store/flows/series_flow.h"

namespace api_key::module {

std::function<Rates(std::string_view)> ManageCall::rates_by_plan() const {
    return [this](std::string_view name) {
        const std::optional<Plans>& plans = worker_.configuration.plans;
        const Plan* plan = plans ? plans->find(name) : nullptr;
        return plan != nullptr ? plan->rates : Rates{};
    };
}

void ManageCall::usage(std::uint64_t id, Answer answer) {
    Result<SeriesQuery> query = read_series_query(view(request_->args), now_ms_);
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    series_query_ = std::move(*query);
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
    used_ = key_usage_object(read.key(), used_states(flow), read.spend());
    json_object_set_new(used_.get(), "bucket", json_text(name_of(series_query_.range.bucket)).release());
    series_query_.group = UsageGroup::key;
    series_query_.only = std::to_string(*route.id);
    series_query_.every_bucket = true;
    run(std::make_unique<store::ReadSeries>(*worker_.configuration.keyspace, account_, series_query_), &ManageCall::answer_usage_series);
}

void ManageCall::answer_usage_series(store::Flow& flow) {
    auto& read = static_cast<store::ReadSeries&>(flow);
    std::string used = dump(used_);
    used.pop_back(); // its closing brace
    send_pieces(NGX_HTTP_OK, {used + ",\"series\":[", std::move(read.series().at(0).points), "]}"});
}

void ManageCall::answer_me(store::Flow& flow) {
    const auto& read = static_cast<const store::ReadUsage&>(flow);
    send(NGX_HTTP_OK, write_me(read.key(), used_states(flow), read.spend(), read.store_now_ms()));
}

} // namespace api_key::module
