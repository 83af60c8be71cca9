#include <array>
#include <memory>

#include "core/time_text.h"
#include "core/utf8.h"
#include "store/account_flows.h"
#include "store/random_source.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

struct AccountArguments {
    std::string name;
    std::string plan;
    std::uint64_t id = 0;
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

void create(const Options& options, const AccountArguments& arguments) {
    if (arguments.name.empty() || arguments.name.size() > 255 || !is_plain_text(arguments.name)) {
        fail(exit_usage, "--name: expected 1 to 255 bytes without control characters");
    }
    check_plan(options, arguments.plan);
    std::array<std::uint8_t, 16> random{};
    if (!store::system_random(random)) {
        fail(exit_refused, "no random bytes");
    }
    Session session(options);
    store::CreateAccount flow(session.keyspace(), arguments.name, arguments.plan,
                              to_hex({reinterpret_cast<const char*>(random.data()), random.size()}));
    session.run(flow);
    Json object(json_object());
    json_object_set_new(object.get(), "id", json_integer(static_cast<json_int_t>(flow.id())));
    session.print(object);
}

void list(const Options& options) {
    constexpr std::size_t page = 1000;
    Session session(options);
    Json array(json_array());
    for (std::uint64_t after = 0;;) {
        store::ListAccounts flow(session.keyspace(), after, page);
        session.run(flow);
        for (const store::Account& account : flow.accounts()) {
            json_array_append_new(array.get(), account_object(account).release());
            after = account.id;
        }
        if (flow.accounts().size() < page) {
            break;
        }
    }
    session.print(array, {"id", "name", "plan", "active", "createdAt"});
}

void show(const Options& options, const AccountArguments& arguments) {
    Session session(options);
    store::ReadAccount flow(session.keyspace(), arguments.id);
    session.run(flow);
    session.print(account_object(flow.account()));
}

void set_plan(const Options& options, const AccountArguments& arguments) {
    check_plan(options, arguments.plan);
    Session session(options);
    store::SetAccountPlan changing(session.keyspace(), arguments.id, arguments.plan);
    session.run(changing);
    store::ReadAccount reading(session.keyspace(), arguments.id);
    session.run(reading);
    session.print(account_object(reading.account()));
}

} // namespace

void add_account_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<AccountArguments>();
    CLI::App* account = app.add_subcommand("account", "accounts: who owns keys")->require_subcommand(1);
    CLI::App* creating = account->add_subcommand("create", "make an account");
    creating->add_option("--name", arguments->name, "its name")->required();
    creating->add_option("--plan", arguments->plan, "its plan");
    creating->callback([&options, arguments] { create(options, *arguments); });
    account->add_subcommand("list", "all accounts")->callback([&options] { list(options); });
    CLI::App* showing = account->add_subcommand("show", "one account");
    showing->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    showing->callback([&options, arguments] { show(options, *arguments); });
    CLI::App* planning = account->add_subcommand("plan", "give an account another plan");
    planning->add_option("id", arguments->id, "its id")->required()->check(plain_id);
    planning->add_option("plan", arguments->plan, "the plan's name; \"\" for none")->required();
    planning->callback([&options, arguments] { set_plan(options, *arguments); });
}

} // namespace api_key::tool
