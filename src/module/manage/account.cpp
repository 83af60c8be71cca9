// An account's money, as the management API shows it.
#include "core/documents/account_writer.h"
#include "core/documents/key_writer.h"
#include "module/manage/resources.h"
#include "store/flows/money_flows.h"

namespace api_key::module {

namespace {

class AccountCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void show_balance(const store::ReadWallet& read);
    void show_transactions(const store::ListTransactions& list);

    bool names_keys_ = false;
};

void AccountCall::begin(Action action) {
    if (action == Action::balance) {
        return run<&AccountCall::show_balance>(account());
    }
    if (action != Action::transactions) {
        return refuse_unknown_action();
    }
    const Result<Page> page = read_page(arguments());
    if (!page) {
        return refuse_invalid(page.error());
    }
    names_keys_ = page->names;
    run<&AccountCall::show_transactions>(account(), page->limit, page->before);
}

void AccountCall::show_balance(const store::ReadWallet& read) {
    send(NGX_HTTP_OK, dump(wallet_object(read.wallet())));
}

void AccountCall::show_transactions(const store::ListTransactions& list) {
    std::vector<std::string> page{dump(transactions_object(list.transactions(), cursor_text(list.next_page())))};
    if (names_keys_) {
        add_member(page, "keys", write_named_keys(list.keys()));
    }
    send_pieces(NGX_HTTP_OK, std::move(page));
}

} // namespace

ManageCall* make_account_call(const CallStart& start) {
    return make_in_pool<AccountCall>(start.request->pool, start);
}

} // namespace api_key::module
