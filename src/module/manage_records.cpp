// The request log and the series of use, as the management API shows them.
#include "core/key_writer.h"
#include "module/list_query.h"
#include "module/manage_call.h"
#include "store/account_flows.h"
#include "store/request_flows.h"

namespace api_key::module {

// Of one key (which may be gone), or of the account.
void ManageCall::logs() {
    Result<LogQuery> query = read_log_query(view(request_->args));
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    if (route.id) {
        query->filter.key_id = route.id;
    }
    as_csv_ = query->csv;
    run(std::make_unique<store::ListRequests>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->limit,
                                              std::move(query->before)),
        &ManageCall::answer_logs);
}

void ManageCall::answer_logs(store::Flow& flow) {
    const auto& list = static_cast<const store::ListRequests&>(flow);
    if (as_csv_) {
        if (!list.next_page().empty()) {
            add_response_header(request_, "X-Next-Cursor", list.next_page());
        }
        return send(NGX_HTTP_OK, requests_csv(list.requests()), "text/csv; charset=utf-8");
    }
    Json object(json_object());
    json_t* array = json_array();
    for (const RequestLogEntry& entry : list.requests()) {
        json_array_append_new(array, request_object(entry).release());
    }
    json_object_set_new(object.get(), "logs", array);
    if (!list.next_page().empty()) {
        json_object_set_new(object.get(), "next", json_text(list.next_page()).release());
    }
    send(NGX_HTTP_OK, dump(object));
}

void ManageCall::series() {
    Result<SeriesQuery> query = read_series_query(view(request_->args), now_ms_);
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    series_query_ = std::move(*query);
    const SeriesQuery& asked = series_query_;
    const bool of_category = asked.group == UsageGroup::category;
    run(std::make_unique<store::ReadSeries>(*worker_.configuration.keyspace, account_, asked.range, asked.group,
                                            of_category && asked.category ? *asked.category : std::string()),
        &ManageCall::answer_series);
}

void ManageCall::answer_series(store::Flow& flow) {
    series_ = static_cast<const store::ReadSeries&>(flow).series();
    const SeriesQuery& asked = series_query_;
    if (asked.group != UsageGroup::key || (!asked.category && !asked.alias)) {
        return send_series();
    }
    std::vector<std::uint64_t> ids;
    for (const auto& [name, counts] : series_) {
        ids.push_back(std::strtoull(name.c_str(), nullptr, 10));
    }
    run(std::make_unique<store::ReadLabels>(*worker_.configuration.keyspace, std::move(ids)), &ManageCall::filter_series);
}

void ManageCall::filter_series(store::Flow& flow) {
    const SeriesQuery& asked = series_query_;
    for (const store::ReadLabels::Labels& key : static_cast<const store::ReadLabels&>(flow).labels()) {
        if ((asked.category && key.category != *asked.category) || (asked.alias && key.alias != *asked.alias)) {
            series_.erase(std::to_string(key.id));
        }
    }
    send_series();
}

void ManageCall::send_series() {
    send(NGX_HTTP_OK, dump(series_object(series_, series_query_.range, series_query_.group, series_query_.most)));
}

} // namespace api_key::module
