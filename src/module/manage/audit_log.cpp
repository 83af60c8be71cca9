// The security log, as the management API shows it.
#include "core/documents/key_writer.h"
#include "core/documents/list_query.h"
#include "module/manage/call.h"
#include "store/flows/audit_flows.h"

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
    query->filter.label.types = shown_types();
    verify_audit_ = query->verify;
    run(std::make_unique<store::ListAudit>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->page.limit,
                                           query->page.before),
        &ManageCall::answer_audit);
}

void ManageCall::answer_audit(store::Flow& flow) {
    auto& list = static_cast<store::ListAudit&>(flow);
    const std::string next = list.next_page() != 0 ? std::to_string(list.next_page()) : std::string();
    audit_ = write_list("entries", std::move(list.entries()), next);
    if (!verify_audit_) {
        return send_pieces(NGX_HTTP_OK, std::move(audit_));
    }
    run(std::make_unique<store::VerifyAudit>(*worker_.configuration.keyspace, *worker_.configuration.peppers, account_, most_verified),
        &ManageCall::answer_chain);
}

void ManageCall::answer_chain(store::Flow& flow) {
    const auto& verification = static_cast<const store::VerifyAudit&>(flow);
    const AuditChain& log = verification.chain();
    const Json chain(json_object());
    set(chain.get(), "entries", json_integer(static_cast<json_int_t>(log.last().number)));
    set(chain.get(), "verified", json_integer(static_cast<json_int_t>(verification.verified())));
    set(chain.get(), "intact", json_boolean(log.problem().empty()));
    set(chain.get(), "head", json_text(head_text(log.last())).release());
    if (!log.problem().empty()) {
        set(chain.get(), "problem", json_text(log.problem()).release());
    }
    if (Json noted = noted_gaps(log.gaps())) {
        set(chain.get(), "noted", noted.release());
    }
    audit_.back().pop_back(); // its closing brace
    audit_.back() += ",\"chain\":" + dump(chain) + '}';
    send_pieces(NGX_HTTP_OK, std::move(audit_));
}

} // namespace api_key::module
