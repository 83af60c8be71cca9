#include <memory>

#include <fmt/core.h>

#include "core/documents/account_writer.h"
#include "core/text/money.h"
#include "core/text/time_text.h"
#include "core/text/utf8.h"
#include "store/flows/account_flows.h"
#include "store/flows/money_flows.h"
#include "store/flows/series_flow.h"
#include "tool/account_list.h"
#include "tool/caution.h"
#include "tool/commands.h"
#include "tool/known_settings.h"
#include "tool/new_key.h"
#include "tool/output.h"
#include "tool/times.h"
#include "tool/top_usage.h"

namespace api_key::tool {

namespace {

struct AccountArguments {
    std::string name;
    std::string plan;
    std::string amount;
    std::string reference;
    std::optional<std::string> new_name;
    std::string active;
    std::string from;
    std::string to;
    std::uint64_t id = 0;
    bool force = false;
    Caution caution;
};

Json account_object(const store::Account& account) {
    Json object(json_object());
    json_object_set_new(object.get(), "id", json_integer(static_cast<json_int_t>(account.id)));
    json_object_set_new(object.get(), "name", json_text(account.name).release());
    if (!account.plan.empty()) {
        json_object_set_new(object.get(), "plan", json_text(account.plan).release());
    }
    json_object_set_new(object.get(), "active", json_boolean(account.active));
    json_object_set_new(object.get(), "createdAt", json_text(format_rfc3339(account.created_ms)).release());
    return object;
}

void check_name(const std::string& name) {
    if (name.empty() || name.size() > 255 || !is_plain_text(name)) {
        fail(exit_usage, "--name: expected 1 to 255 bytes without control characters");
    }
}

void create_account(const Options& options, const AccountArguments& arguments) {
    check_name(arguments.name);
    check_plan(options, arguments.plan);
    Session session(options);
    check_plan_of_nodes(session, arguments.plan, arguments.force);
    const std::uint64_t id = create_account(session, arguments.name, arguments.plan);
    Json object(json_object());
    json_object_set_new(object.get(), "id", json_integer(static_cast<json_int_t>(id)));
    session.print(object);
}

void list_accounts(const Options& options) {
    Session session(options);
    Json array(json_array());
    for (const store::Account& account : all_accounts(session)) {
        json_array_append_new(array.get(), account_object(account).release());
    }
    session.print(array, {"id", "name", "plan", "active", "createdAt"});
}

void print_account(Session& session, std::uint64_t id) {
    store::ReadAccount account(session.keyspace(), id);
    session.run(account, account_named(id));
    store::ReadWallet wallet(session.keyspace(), id);
    session.run(wallet, account_named(id));
    const Json object = account_object(account.account());
    json_object_update(object.get(), wallet_object(wallet.wallet()).get());
    session.print(object);
}

void show_account(const Options& options, const AccountArguments& arguments) {
    Session session(options);
    print_account(session, arguments.id);
}

void change_account(const Options& options, const AccountArguments& arguments, const store::AccountChange& change) {
    Session session(options);
    store::ReadAccount reading(session.keyspace(), arguments.id);
    session.run(reading, account_named(arguments.id));
    store::Account account = reading.account();
    if (arguments.caution.dry_run) {
        account.name = change.name.value_or(account.name);
        account.active = change.active.value_or(account.active);
        return print_dry_run(session, account_object(account));
    }
    if (account.active && !change.active.value_or(true)) {
        ask(arguments.caution,
            fmt::format("Disable account {} \"{}\"? All of its keys are refused at once.", account.id, shown_text(account.name)));
    }
    store::UpdateAccount flow(session.keyspace(), session.author(), arguments.id, change);
    session.run(flow, account_named(arguments.id));
    session.wait_for_nodes(flow.sequence());
    print_account(session, arguments.id);
}

void update_account(const Options& options, const AccountArguments& arguments) {
    store::AccountChange change;
    change.name = arguments.new_name;
    if (change.name) {
        check_name(*change.name);
    }
    if (!arguments.active.empty()) {
        change.active = arguments.active == "on";
    }
    if (!change.name && !change.active) {
        fail(exit_usage, "nothing to change: expected --name or --active");
    }
    change_account(options, arguments, change);
}

void check_reference(const std::string& reference) {
    if (reference.size() > 255 || !is_plain_text(reference)) {
        fail(exit_usage, "--reference: expected at most 255 bytes without control characters");
    }
}

void set_account_plan(const Options& options, const AccountArguments& arguments) {
    check_plan(options, arguments.plan);
    check_reference(arguments.reference);
    Session session(options);
    check_plan_of_nodes(session, arguments.plan, arguments.force);
    auto flow = store::ChangeAccount::set_plan(session.keyspace(), session.author(), arguments.id, arguments.plan, arguments.reference);
    session.run(flow, account_named(arguments.id));
    session.wait_for_nodes(flow.sequence());
    print_account(session, arguments.id);
}

void top_up(const Options& options, const AccountArguments& arguments) {
    const std::optional<std::int64_t> amount = parse_micro_credits(arguments.amount);
    if (!amount || *amount == 0) {
        fail(exit_usage, "--amount: expected credits above 0 and at most " + std::to_string(money_max_micro / micro_credits_per_credit) +
                             ", with at most six decimals");
    }
    if (arguments.reference.empty()) {
        fail(exit_usage, "--reference: expected what the payment is known by: the same one is done once");
    }
    check_reference(arguments.reference);
    Session session(options);
    auto flow = store::ChangeAccount::top_up(session.keyspace(), session.author(), arguments.id, *amount, arguments.reference);
    session.run(flow, account_named(arguments.id));
    Json object(json_object());
    json_object_set_new(object.get(), "balance", json_text(format_micro_credits(flow.wallet().balance)).release());
    session.print(object);
}

void list_transactions(const Options& options, const AccountArguments& arguments) {
    constexpr std::size_t page = 1000;
    Session session(options);
    Json all(json_array());
    for (std::uint64_t before = 0;;) {
        store::ListTransactions flow(session.keyspace(), arguments.id, page, before);
        session.run(flow);
        const Json object = transactions_object(flow.transactions(), {});
        json_array_extend(all.get(), json_object_get(object.get(), "transactions"));
        before = flow.next_page();
        if (before == 0) {
            break;
        }
    }
    session.print(all, {"id", "type", "amount", "keyId", "plan", "reference", "createdAt"});
}

// The sums of all keys, and how many keys were used.
void show_usage_of_account(const Options& options, const AccountArguments& arguments) {
    constexpr std::int64_t day_ms = 86'400'000;
    const std::int64_t now_ms = clock_ms();
    const std::int64_t from_ms = arguments.from.empty() ? now_ms - day_ms : time_or_none("--from", arguments.from);
    const std::optional<UsageRange> range = fitting_range(from_ms, time_or_none("--to", arguments.to), now_ms);
    if (!range) {
        fail(exit_usage, "--from: expected a time before --to, at most 400 days ago");
    }
    Session session(options);
    store::ReadAccount account(session.keyspace(), arguments.id);
    session.run(account, account_named(arguments.id));
    UsageCounts sum;
    const std::vector<UsedKey> keys = used_keys(session, arguments.id, *range, UsageOrder::requests, store::ReadSeries::max_names);
    for (const UsedKey& key : keys) {
        sum.add(key.counts);
    }
    const Json object(json_object());
    set_number(object.get(), "id", static_cast<std::int64_t>(arguments.id));
    set(object.get(), "name", account.account().name);
    set(object.get(), "from", format_rfc3339(range->begin_ms(0)));
    set(object.get(), "to", format_rfc3339(range->begin_ms(range->size())));
    set_number(object.get(), "keys", static_cast<std::int64_t>(keys.size()));
    const std::string counts = write_counts(sum);
    json_object_update(object.get(), Json(json_loadb(counts.data(), counts.size(), 0, nullptr)).get());
    session.print(object);
}

} // namespace

void add_account_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<AccountArguments>();
    CLI::App* account = app.add_subcommand("account", "accounts, their plans and credits")->require_subcommand(1);
    CLI::App* creating = account->add_subcommand("create", "make an account");
    creating->add_option("--name", arguments->name, "its name")->required();
    creating->add_option("--plan", arguments->plan, "its plan");
    creating->add_flag("--force", arguments->force, "accept a plan that not every node has");
    creating->callback([&options, arguments] { create_account(options, *arguments); });
    account->add_subcommand("list", "all accounts")->callback([&options] { list_accounts(options); });
    CLI::App* showing = account->add_subcommand("show", "one account");
    showing->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    showing->callback([&options, arguments] { show_account(options, *arguments); });
    const auto add_caution = [&](CLI::App& command) {
        add_yes(command, arguments->caution);
        add_dry_run(command, arguments->caution);
    };
    CLI::App* updating = account->add_subcommand("update", "rename, disable or enable an account");
    updating->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    updating->add_option("--name", arguments->new_name, "its name");
    updating->add_option("--active", arguments->active, "off: all of its keys are rejected")->check(CLI::IsMember({"on", "off"}));
    add_caution(*updating);
    updating->callback([&options, arguments] { update_account(options, *arguments); });
    const auto add_switch = [&](const char* name, const char* what, bool active) {
        CLI::App* command = account->add_subcommand(name, what);
        command->add_option("id", arguments->id, "its id")->required()->check(plain_id);
        command->callback([&options, arguments, active] { change_account(options, *arguments, {std::nullopt, active}); });
        add_caution(*command);
    };
    add_switch("disable", "reject all keys of an account from now on", false);
    add_switch("enable", "accept the keys of a disabled account again", true);
    CLI::App* planning = account->add_subcommand("plan", "give an account another plan");
    planning->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    planning->add_option("plan", arguments->plan, "the plan's name; \"\" for none")->required();
    planning->add_option("--reference", arguments->reference, "idempotency key, shown in the ledger");
    planning->add_flag("--force", arguments->force, "accept a plan that not every node has");
    planning->callback([&options, arguments] { set_account_plan(options, *arguments); });
    CLI::App* topping_up = account->add_subcommand("topup", "add credits to an account's wallet");
    topping_up->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    topping_up->add_option("--amount", arguments->amount, "credits, as 25.00")->required();
    topping_up->add_option("--reference", arguments->reference, "idempotency key, such as the number of an invoice; shown in the ledger")
        ->required();
    topping_up->callback([&options, arguments] { top_up(options, *arguments); });
    CLI::App* using_it = account->add_subcommand("usage", "requests, tokens and credits of all keys of an account, by default in 24 hours");
    using_it->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    add_time_options(*using_it, arguments->from, arguments->to);
    using_it->callback([&options, arguments] { show_usage_of_account(options, *arguments); });
    CLI::App* listing = account->add_subcommand("transactions", "an account's ledger, newest first");
    listing->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    listing->callback([&options, arguments] { list_transactions(options, *arguments); });
}

} // namespace api_key::tool
