// The security log, as the management API shows it.
#include "module/list_query.h"
#include "module/manage_call.h"
#include "store/audit_flows.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t most_verified = 10'000;

void set(json_t* object, const char* name, json_t* value) {
    json_object_set_new(object, name, value);
}

} // namespace

void ManageCall::audit() {
    Result<AuditQuery> query = read_audit_query(view(request_->args));
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    verify_audit_ = query->verify;
    run(std::make_unique<store::ListAudit>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->page.limit,
                                           query->page.before),
        &ManageCall::answer_audit);
}

void ManageCall::answer_audit(store::Flow& flow) {
    const auto& list = static_cast<const store::ListAudit&>(flow);
    audit_.reset(json_object());
    json_t* entries = json_array();
    for (const Json& entry : list.entries()) {
        json_array_append(entries, entry.get());
    }
    set(audit_.get(), "entries", entries);
    if (list.next_page() != 0) {
        set(audit_.get(), "next", json_text(std::to_string(list.next_page())).release());
    }
    if (!verify_audit_) {
        return send(NGX_HTTP_OK, dump(audit_));
    }
    run(std::make_unique<store::VerifyAudit>(*worker_.configuration.keyspace, *worker_.configuration.peppers, account_, most_verified),
        &ManageCall::answer_chain);
}

void ManageCall::answer_chain(store::Flow& flow) {
    const auto& verification = static_cast<const store::VerifyAudit&>(flow);
    const AuditChain& log = verification.chain();
    json_t* chain = json_object();
    set(chain, "entries", json_integer(static_cast<json_int_t>(log.last().number)));
    set(chain, "verified", json_integer(static_cast<json_int_t>(verification.verified())));
    set(chain, "intact", json_boolean(log.problem().empty()));
    set(chain, "head", json_text(head_text(log.last())).release());
    if (!log.problem().empty()) {
        set(chain, "problem", json_text(log.problem()).release());
    }
    set(audit_.get(), "chain", chain);
    send(NGX_HTTP_OK, dump(audit_));
}

} // namespace api_key::module
