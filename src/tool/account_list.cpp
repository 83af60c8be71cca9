#include "tool/account_list.h"

namespace api_key::tool {

std::vector<store::Account> all_accounts(Session& session) {
    constexpr std::size_t page = 1000;
    std::vector<store::Account> accounts;
    for (bool has_more = true; has_more;) {
        store::ListAccounts flow(session.keyspace(), accounts.empty() ? 0 : accounts.back().id, page);
        session.run(flow);
        accounts.insert(accounts.end(), flow.accounts().begin(), flow.accounts().end());
        has_more = flow.accounts().size() == page;
    }
    return accounts;
}

} // namespace api_key::tool
