// The request log and the series of use, as the management API shows them.
#include <memory>
#include <unordered_map>

#include "core/documents/key_writer.h"
#include "core/documents/list_query.h"
#include "module/manage/call.h"
#include "store/flows/account_flows.h"
#include "store/flows/request_flows.h"
#include "store/flows/series_flow.h"

namespace api_key::module {

namespace {

// Series of one account that this worker reads or sends at a time: each may have ten megabytes, and a client may read slowly, or be gone
// before they are read.
std::shared_ptr<const void> take_turn(std::uint64_t account) {
    constexpr unsigned most = 8;
    static auto* const running = new std::unordered_map<std::uint64_t, unsigned>;
    if (const auto found = running->find(account); found != running->end() && found->second >= most) {
        return nullptr;
    }
    (*running)[account]++;
    return std::shared_ptr<const std::uint64_t>(new std::uint64_t(account), [](const std::uint64_t* turn) {
        if (--(*running)[*turn] == 0) {
            running->erase(*turn);
        }
        delete turn;
    });
}

} // namespace

// Of one key (which may be gone), or of the account.
void ManageCall::logs() {
    Result<LogQuery> query = read_log_query(view(request_->args));
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    if (route.id) {
        query->filter.key_id = route.id;
    }
    query->filter.label.types = shown_types();
    as_csv_ = query->csv;
    const auto write = [found = found_, as_csv = as_csv_](const RequestLogEntry& entry) {
        found->push_back(as_csv ? request_csv(entry) : dump(request_object(entry)));
    };
    run(std::make_unique<store::ListRequests>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->limit,
                                              std::move(query->before), write),
        &ManageCall::answer_logs);
}

void ManageCall::answer_logs(store::Flow& flow) {
    const std::string& next = static_cast<const store::ListRequests&>(flow).next_page();
    if (!as_csv_) {
        return send_pieces(NGX_HTTP_OK, write_list("logs", std::move(*found_), next));
    }
    if (!next.empty()) {
        add_response_header(request_, "X-Next-Cursor", next);
    }
    found_->insert(found_->begin(), std::string(csv_names));
    send_pieces(NGX_HTTP_OK, std::move(*found_), "text/csv; charset=utf-8");
}

void ManageCall::series() {
    Result<SeriesQuery> query = read_series_query(view(request_->args), now_ms_);
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    series_query_ = std::move(*query);
    series_query_.label.types = shown_types();
    series_query_.turn = take_turn(account_);
    if (!series_query_.turn) {
        add_response_header(request_, "Retry-After", "1");
        return refuse(NGX_HTTP_TOO_MANY_REQUESTS, "This account asks for too many series at once: try again in 1 s", "too_many_requests");
    }
    run(std::make_unique<store::ReadSeries>(*worker_.configuration.keyspace, account_, series_query_), &ManageCall::answer_series);
}

void ManageCall::answer_series(store::Flow& flow) {
    auto& read = static_cast<store::ReadSeries&>(flow);
    send_pieces(NGX_HTTP_OK, write_series(std::move(read.series()), series_query_.range, series_query_.group));
}

} // namespace api_key::module
