// An account's money and plan, as the management API shows them.
#include "core/documents/account_writer.h"
#include "core/documents/list_query.h"
#include "module/manage/call.h"
#include "store/flows/allowance_flows.h"
#include "store/flows/money_flows.h"

namespace api_key::module {

void ManageCall::show_account() {
    const store::Keyspace& keyspace = *worker_.configuration.keyspace;
    if (route.of_account == "balance") {
        return run(std::make_unique<store::ReadWallet>(keyspace, account_), &ManageCall::answer_balance);
    }
    if (route.of_account == "subscription") {
        return run(std::make_unique<store::ReadUsage>(keyspace, store::KeyScope{account_, {}}, caller_id_, rates_by_plan()),
                   &ManageCall::answer_subscription);
    }
    if (route.of_account == "logs") {
        return logs();
    }
    if (route.of_account == "usage") {
        return series();
    }
    if (route.of_account == "audit") {
        return audit();
    }
    const Result<Page> page = read_page(view(request_->args));
    if (!page) {
        return refuse(NGX_HTTP_BAD_REQUEST, page.error().message, "request_invalid", page.error().field);
    }
    run(std::make_unique<store::ListTransactions>(keyspace, account_, page->limit, page->before), &ManageCall::answer_transactions);
}

void ManageCall::answer_balance(store::Flow& flow) {
    send(NGX_HTTP_OK, dump(wallet_object(static_cast<const store::ReadWallet&>(flow).wallet())));
}

void ManageCall::answer_transactions(store::Flow& flow) {
    const auto& list = static_cast<const store::ListTransactions&>(flow);
    const std::string next = list.next_page() != 0 ? std::to_string(list.next_page()) : std::string();
    send(NGX_HTTP_OK, dump(transactions_object(list.transactions(), next)));
}

void ManageCall::answer_subscription(store::Flow& flow) {
    const std::string& name = static_cast<const store::ReadUsage&>(flow).key().plan;
    const std::optional<Plans>& plans = worker_.configuration.plans;
    send(NGX_HTTP_OK, dump(subscription_object(plans ? plans->find(name) : nullptr, used_states(flow))));
}

} // namespace api_key::module
