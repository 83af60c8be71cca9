// The security log, as the management API shows it.
#include "module/list_query.h"
#include "module/manage_call.h"
#include "store/audit_flows.h"

namespace api_key::module {

void ManageCall::audit() {
    Result<AuditQuery> query = read_audit_query(view(request_->args));
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    run(std::make_unique<store::ListAudit>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->page.limit,
                                           query->page.before),
        &ManageCall::answer_audit);
}

void ManageCall::answer_audit(store::Flow& flow) {
    const auto& list = static_cast<const store::ListAudit&>(flow);
    Json object(json_object());
    json_t* entries = json_array();
    for (const Json& entry : list.entries()) {
        json_array_append(entries, entry.get());
    }
    json_object_set_new(object.get(), "entries", entries);
    if (list.next_page() != 0) {
        json_object_set_new(object.get(), "next", json_text(std::to_string(list.next_page())).release());
    }
    send(NGX_HTTP_OK, dump(object));
}

} // namespace api_key::module
