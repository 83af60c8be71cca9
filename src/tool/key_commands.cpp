#include <memory>

#include <fmt/core.h>

#include "core/documents/key_document.h"
#include "core/documents/key_writer.h"
#include "core/secrets/key_text.h"
#include "store/flows/account_flows.h"
#include "store/flows/key_flows.h"
#include "store/flows/list_flow.h"
#include "tool/caution.h"
#include "tool/commands.h"
#include "tool/key_options.h"
#include "tool/key_table.h"
#include "tool/known_settings.h"
#include "tool/new_key.h"
#include "tool/output.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

struct KeyArguments {
    std::uint64_t account = 0;
    std::uint64_t id = 0;
    std::string type;
    std::string prefix;
    std::string plan;
    std::int64_t overlap_s = 0;
    bool force = false;
    Caution caution;
    std::shared_ptr<KeyOptions> fields = std::make_shared<KeyOptions>(); // of create
    std::shared_ptr<KeyOptions> changes = std::make_shared<KeyOptions>();
    std::shared_ptr<KeyOptions> of_clone = std::make_shared<KeyOptions>();
};

Json parsed(const std::string& text) {
    return Json(json_loads(text.c_str(), JSON_DECODE_ANY, nullptr));
}

// A key that is not made yet has no id, prefix and time.
Json draft_object(const KeyRecord& draft) {
    Json object = key_object(draft, clock_ms());
    for (const char* member : {"id", "prefix", "createdAt"}) {
        json_object_del(object.get(), member);
    }
    return object;
}

KeyRecord read_key(Session& session, std::uint64_t id) {
    store::ReadKey flow(session.keyspace(), {}, id);
    session.run(flow, key_named(id));
    return flow.key();
}

void check_plan_option(const Options& options, const KeyOptions& fields) {
    if (fields.plan) {
        check_plan(options, *fields.plan);
    }
}

void check_plan_option(Session& session, const KeyOptions& fields) {
    if (fields.plan) {
        check_plan_of_nodes(session, *fields.plan, fields.force);
    }
}

// Before a key is made: what is shown once would be lost.
void check_output_of_secret(const Options& options) {
    if (options.output == "ids") {
        fail(exit_usage, "--output: ids would lose the secret, which is shown this once");
    }
}

void create_requested_key(const Options& options, const KeyArguments& arguments) {
    check_output_of_secret(options);
    if (!arguments.prefix.empty() && !is_key_prefix(arguments.prefix)) {
        fail(exit_usage, "--prefix: expected 1 to 32 of [0-9A-Za-z_-]");
    }
    if (!is_key_prefix(arguments.type)) {
        fail(exit_usage, "--type: expected 1 to 32 of [0-9A-Za-z_-]");
    }
    KeyRecord draft;
    draft.account = arguments.account;
    draft.type = arguments.type;
    draft = apply(draft, change_of(*arguments.fields, DocumentKind::create));
    check_plan_option(options, *arguments.fields);
    Session session(options);
    session.checked_pepper();
    check_plan_option(session, *arguments.fields);
    const std::string prefix = known_prefix(session, arguments.type, arguments.prefix, arguments.fields->force);
    if (arguments.caution.dry_run) {
        return print_dry_run(session, draft_object(draft));
    }
    const NewKey made = create_key(session, std::move(draft), prefix);
    session.print(parsed(write_secret(made.id, made.text)));
}

void list_keys(const Options& options, const KeyArguments& arguments) {
    Session session(options);
    KeyFilter filter;
    if (arguments.type.empty()) {
        store::ReadAccount account(session.keyspace(), arguments.account);
        session.run(account, account_named(arguments.account));
        filter.types = account.account().key_types;
    } else {
        filter.types = {arguments.type};
    }
    Json array(json_array());
    const bool is_table = prints_table(options);
    for (std::uint64_t before = 0; !filter.types.empty();) {
        store::ListKeys flow(session.keyspace(), arguments.account, filter, 1000, before, is_table);
        session.run(flow);
        if (!flow.malformed().empty()) {
            fmt::print(stderr, "apikeyctl: left out: {}\n", flow.malformed());
        }
        if (is_table && !flow.records().empty()) {
            store::ReadUsages usages(session.keyspace(), arguments.account, std::move(flow.records()));
            session.run(usages);
            add_key_rows(usages, array.get());
        }
        for (std::size_t index = 0; !is_table && index < flow.keys().size(); index++) {
            json_array_append_new(array.get(), parsed(flow.keys()[index]).release());
        }
        before = flow.next_page();
        if (before == 0) {
            break;
        }
    }
    session.print(array, key_columns);
}

void show_key(const Options& options, const KeyArguments& arguments) {
    Session session(options);
    store::ReadKey flow(session.keyspace(), {}, arguments.id);
    session.run(flow, key_named(arguments.id));
    session.print(parsed(write_key(flow.key(), flow.store_now_ms())));
}

void change_key(Session& session, const KeyArguments& arguments, KeyChange change) {
    if (arguments.caution.dry_run) {
        return print_dry_run(session, key_object(apply(read_key(session, arguments.id), change), clock_ms()));
    }
    store::UpdateKey flow(session.keyspace(), session.author(), {}, arguments.id, std::move(change));
    session.run(flow, key_named(arguments.id));
    session.wait_for_nodes(flow.sequence());
    session.print(parsed(write_key(flow.key(), flow.store_now_ms())));
}

void update_key(const Options& options, const KeyArguments& arguments) {
    const KeyOptions& changes = *arguments.changes;
    if (!changes.any()) {
        fail(exit_usage, "nothing to change: name a field, such as --name or --daily");
    }
    KeyChange change = change_of(changes, DocumentKind::update);
    check_plan_option(options, changes);
    Session session(options);
    check_plan_option(session, changes);
    change_key(session, arguments, std::move(change));
}

void clone_key(const Options& options, const KeyArguments& arguments) {
    check_output_of_secret(options);
    const KeyChange change = change_of(*arguments.of_clone, DocumentKind::clone);
    Session session(options);
    session.checked_pepper();
    KeyRecord draft = apply(clone_of(read_key(session, arguments.id)), change);
    const std::string prefix = known_prefix(session, draft.type, arguments.prefix, true);
    if (arguments.caution.dry_run) {
        return print_dry_run(session, draft_object(draft));
    }
    const NewKey made = create_key(session, std::move(draft), prefix, arguments.id);
    session.print(parsed(write_secret(made.id, made.text)));
}

void set_active(const Options& options, const KeyArguments& arguments, bool active) {
    Session session(options);
    KeyChange change;
    change.active = active;
    change_key(session, arguments, std::move(change));
}

void set_key_plan(const Options& options, const KeyArguments& arguments) {
    check_plan(options, arguments.plan);
    Session session(options);
    check_plan_of_nodes(session, arguments.plan, arguments.force);
    KeyChange change;
    change.plan = arguments.plan;
    change_key(session, arguments, std::move(change));
}

void remove_key(const Options& options, const KeyArguments& arguments) {
    Session session(options);
    const KeyRecord key = read_key(session, arguments.id);
    if (arguments.caution.dry_run) {
        return print_dry_run(session, key_object(key, clock_ms()));
    }
    ask(arguments.caution, fmt::format("Delete {}? It is refused at once, and this cannot be undone.", described(key)));
    store::DeleteKey flow(session.keyspace(), session.author(), {}, arguments.id, false);
    session.run(flow, key_named(arguments.id));
    session.wait_for_nodes(flow.sequence());
    Json object(json_object());
    json_object_set_new(object.get(), "id", json_integer(static_cast<json_int_t>(arguments.id)));
    json_object_set_new(object.get(), "deleted", json_true());
    session.print(object);
}

void rotate(const Options& options, const KeyArguments& arguments) {
    check_output_of_secret(options);
    Session session(options);
    const Peppers& peppers = session.checked_pepper();
    const KeyRecord key = read_key(session, arguments.id);
    const std::string prefix = known_prefix(session, key.type, arguments.prefix, true);
    if (!key.prefix.starts_with(prefix.substr(0, key_shown_length))) {
        fail(exit_refused, "--prefix: this key begins with " + key.prefix);
    }
    if (arguments.caution.dry_run) {
        return print_dry_run(session, key_object(key, clock_ms()));
    }
    if (arguments.overlap_s == 0) {
        ask(arguments.caution, fmt::format("Rotate {}? Without --overlap its present secret is refused at once.", described(key)));
    }
    std::string text;
    const auto make = [&](const KeyRecord&, store::RotateKey::Secret& secret) {
        KeySecret made = make_secret(peppers, prefix);
        text = std::move(made.text);
        secret = {made.digest, made.pepper_version, std::move(made.shown_prefix)};
        return true;
    };
    store::RotateKey flow(session.keyspace(), session.author(), {}, arguments.id, make, arguments.overlap_s, std::nullopt);
    session.run(flow, key_named(arguments.id));
    session.wait_for_nodes(flow.sequence());
    session.print(parsed(write_secret(arguments.id, text)));
}

} // namespace

void add_key_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<KeyArguments>();
    CLI::App* key = app.add_subcommand("key", "API keys and billing keys")->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, auto run) {
        CLI::App* command = key->add_subcommand(name, what);
        command->callback([&options, arguments, run] { run(options, *arguments); });
        return command;
    };
    const auto add_with_id = [&](const char* name, const char* what, auto run) {
        CLI::App* command = add(name, what, run);
        command->add_option("id", arguments->id, "the key's id")->required()->check(plain_id);
        return command;
    };
    const auto add_change = [&](const char* name, const char* what, auto run) {
        CLI::App* command = add_with_id(name, what, run);
        add_dry_run(*command, arguments->caution);
        return command;
    };
    CLI::App* creating = add("create", "make a key; its secret is shown this once", create_requested_key);
    creating->add_option("--account", arguments->account, "the account's id")->required()->check(plain_id);
    creating->add_option("--type", arguments->type, "as in api_key_type")->required();
    creating->add_option("--prefix", arguments->prefix, "as in api_key_type; by default what the nodes have for the type");
    add_dry_run(*creating, arguments->caution);
    add_key_options(*creating, arguments->fields, DocumentKind::create);
    CLI::App* listing = add("list", "an account's keys, newest first", list_keys);
    listing->add_option("--account", arguments->account, "the account's id")->required()->check(plain_id);
    listing->add_option("--type", arguments->type, "only this type");
    add_with_id("show", "one key", show_key);
    add_lookup_command(*key, options);
    add_key_options(*add_change("update", "change a key's name, limits, scope, expiry, state or plan", update_key), arguments->changes,
                    DocumentKind::update);
    CLI::App* cloning =
        add_change("clone", "make a key with the category, scope and limits of another; its secret is shown this once", clone_key);
    cloning->add_option("--prefix", arguments->prefix, "as in api_key_type; by default what the nodes have for the type");
    add_key_options(*cloning, arguments->of_clone, DocumentKind::clone);
    add_change("disable", "reject a key from now on", [](const Options& to, const KeyArguments& with) { set_active(to, with, false); });
    add_change("enable", "accept a disabled key again", [](const Options& to, const KeyArguments& with) { set_active(to, with, true); });
    CLI::App* planning = add_change("plan", "give a key a plan of its own", set_key_plan);
    planning->add_option("plan", arguments->plan, "the plan's name; \"\" for the account's")->required();
    planning->add_flag("--force", arguments->force, "accept a plan that not every node has");
    add_yes(*add_change("delete", "remove a key for good", remove_key), arguments->caution);
    CLI::App* rotating = add_change("rotate", "give a key a new secret; it is shown this once", rotate);
    add_yes(*rotating, arguments->caution);
    rotating->add_option("--prefix", arguments->prefix, "as in api_key_type; by default what the nodes have for the type");
    rotating->add_option("--overlap", arguments->overlap_s, "for how long the old secret stays valid: 30s, 15m, 1h, 7d")
        ->transform(duration(0, 2'592'000));
}

} // namespace api_key::tool
