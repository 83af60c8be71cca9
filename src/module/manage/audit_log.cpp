// The security log, as the management API shows it.
#include "core/documents/key_writer.h"
#include "module/manage/resources.h"
#include "store/flows/audit_flows.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t max_verified = 10'000;

Json chain_object(const AuditChain& log, std::uint64_t verified) {
    Json chain(json_object());
    set_number(chain.get(), "entries", static_cast<std::int64_t>(log.last().number));
    set_number(chain.get(), "verified", static_cast<std::int64_t>(verified));
    json_object_set_new(chain.get(), "intact", json_boolean(log.problem().empty()));
    set(chain.get(), "head", head_text(log.last()));
    set_unless_empty(chain.get(), "problem", log.problem());
    if (Json noted = noted_gaps(log.gaps())) {
        json_object_set_new(chain.get(), "noted", noted.release());
    }
    return chain;
}

class AuditLogCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void show_entries(store::ListAudit& list);
    void show_chain(const store::VerifyAudit& verification);

    bool verifies_ = false;
    bool names_keys_ = false;
    std::vector<std::string> page_; // kept while the chain is verified; its state is still missing
};

void AuditLogCall::begin(Action /*action*/) {
    Result<AuditQuery> query = read_audit_query(arguments());
    if (!query) {
        return refuse_invalid(query.error());
    }
    query->filter.label.types = shown_types();
    verifies_ = query->verify;
    names_keys_ = query->page.names;
    run<&AuditLogCall::show_entries>(account(), std::move(query->filter), query->page.limit, query->page.before);
}

void AuditLogCall::show_entries(store::ListAudit& list) {
    page_ = write_list("entries", std::move(list.entries()), cursor_text(list.next_page()));
    if (names_keys_) {
        add_member(page_, "keys", write_named_keys(list.keys()));
    }
    if (!verifies_) {
        return send_pieces(NGX_HTTP_OK, std::move(page_));
    }
    run<&AuditLogCall::show_chain>(peppers(), account(), max_verified);
}

void AuditLogCall::show_chain(const store::VerifyAudit& verification) {
    add_member(page_, "chain", dump(chain_object(verification.chain(), verification.verified())));
    send_pieces(NGX_HTTP_OK, std::move(page_));
}

} // namespace

ManageCall* make_audit_log_call(const CallStart& start) {
    return make_in_pool<AuditLogCall>(start.request->pool, start);
}

} // namespace api_key::module
