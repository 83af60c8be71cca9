// The request log, as the management API shows it.
#include "core/documents/key_writer.h"
#include "module/manage/resources.h"
#include "store/flows/request_flows.h"

namespace api_key::module {

namespace {

class RequestLogsCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void show(const store::ListRequests& list);

    bool as_csv_ = false;
    std::shared_ptr<std::vector<std::string>> found_ = std::make_shared<std::vector<std::string>>(); // filled by the operation
};

// Lists the requests of one key (which may be gone), or of the account.
void RequestLogsCall::begin(Action /*action*/) {
    Result<LogQuery> query = read_log_query(arguments());
    if (!query) {
        return refuse_invalid(query.error());
    }
    if (target().id) {
        query->filter.key_id = target().id;
    }
    query->filter.label.types = shown_types();
    as_csv_ = query->csv;
    const auto write = [found = found_, as_csv = as_csv_](const RequestLogEntry& entry) {
        found->push_back(as_csv ? request_csv(entry) : dump(request_object(entry)));
    };
    run<&RequestLogsCall::show>(account(), std::move(query->filter), query->limit, std::move(query->before), write);
}

void RequestLogsCall::show(const store::ListRequests& list) {
    const std::string& next = list.next_page();
    if (!as_csv_) {
        return send_pieces(NGX_HTTP_OK, write_list("logs", std::move(*found_), next));
    }
    if (!next.empty()) {
        add_response_header(request(), "X-Next-Cursor", next);
    }
    found_->insert(found_->begin(), std::string(csv_names));
    send_pieces(NGX_HTTP_OK, std::move(*found_), "text/csv; charset=utf-8");
}

} // namespace

ManageCall* make_request_logs_call(const CallStart& start) {
    return make_in_pool<RequestLogsCall>(start.request->pool, start);
}

} // namespace api_key::module
