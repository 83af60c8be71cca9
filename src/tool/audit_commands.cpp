#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "core/text/time_text.h"
#include "core/text/utf8.h"
#include "store/flows/audit_flows.h"
#include "tool/account_list.h"
#include "tool/caution.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

struct AuditArguments {
    std::optional<std::uint64_t> account;
    std::uint64_t key_id = 0;
    std::string action;
    std::size_t limit = 100;
    std::string anchor;
    std::string reason;
    Caution caution;
};

const CLI::Validator account_or_nobody([](std::string& text) { return text == "0" ? std::string() : plain_id(text); }, "ID");

void list_entries(const Options& options, const AuditArguments& arguments) {
    Session session(options);
    AuditFilter filter;
    filter.action = arguments.action;
    if (arguments.key_id != 0) {
        filter.key_id = arguments.key_id;
    }
    Json all(json_array());
    for (std::uint64_t before = 0; json_array_size(all.get()) < arguments.limit;) {
        const std::size_t page = std::min<std::size_t>(arguments.limit - json_array_size(all.get()), 1000);
        store::ListAudit flow(session.keyspace(), *arguments.account, filter, page, before);
        session.run(flow);
        for (const std::string& entry : flow.entries()) {
            json_array_append_new(all.get(), json_loadb(entry.data(), entry.size(), 0, nullptr));
        }
        before = flow.next_page();
        if (before == 0) {
            break;
        }
    }
    session.print(all, {"number", "at", "action", "actor", {"ADDRESS", "address", true}, "keyId", {"BEFORE", "before", true}, "after"});
}

// 0 is the log of attempts with keys that nobody has.
std::vector<std::uint64_t> all_logs(Session& session) {
    std::vector<std::uint64_t> ids{0};
    for (const store::Account& account : all_accounts(session)) {
        ids.push_back(account.id);
    }
    return ids;
}

void verify(const Options& options, const AuditArguments& arguments) {
    if (!arguments.anchor.empty() && !arguments.account) {
        fail(exit_usage, "--anchor: goes with --account");
    }
    Session session(options);
    const Peppers& peppers = session.checked_pepper();
    Json all(json_array());
    bool good = true;
    for (const std::uint64_t account : arguments.account ? std::vector{*arguments.account} : all_logs(session)) {
        store::VerifyAudit flow(session.keyspace(), peppers, account, 0, arguments.anchor);
        session.run(flow);
        const AuditLink& last = flow.chain().last();
        const std::string& problem = flow.chain().problem();
        good = good && problem.empty();
        Json object(json_object());
        json_object_set_new(object.get(), "account", json_integer(static_cast<json_int_t>(account)));
        json_object_set_new(object.get(), "entries", json_integer(static_cast<json_int_t>(last.number)));
        json_object_set_new(object.get(), "state", json_text(problem.empty() ? "ok" : problem).release());
        json_object_set_new(object.get(), "head", json_text(head_text(last)).release());
        if (Json noted = noted_gaps(flow.chain().gaps())) {
            json_object_set_new(object.get(), "noted", noted.release());
        }
        json_array_append(all.get(), object.get());
    }
    session.print(all, {"account", "entries", "state", "head", "noted"});
    if (!good) {
        fail(exit_refused, "the security log is not what was written");
    }
}

void repair(const Options& options, const AuditArguments& arguments) {
    if (arguments.reason.size() > 255 || !is_plain_text(arguments.reason)) {
        fail(exit_usage, "--reason: expected at most 255 bytes without control characters");
    }
    Session session(options);
    const Author author = session.author();
    store::VerifyAudit flow(session.keyspace(), *author.peppers, *arguments.account, 0);
    session.run(flow);
    if (flow.chain().problem().empty()) {
        fail(exit_refused, "this log is whole");
    }
    if (!flow.chain().can_be_noted()) {
        fail(exit_refused, flow.chain().problem() + ": only entries that are there and do not verify can be noted");
    }
    std::vector<AuditGap> gaps;
    for (const AuditGap& gap : flow.chain().gaps()) {
        if (gap.noted_by == 0) {
            fmt::print(stderr, "apikeyctl: entries {} to {} do not verify\n", gap.first, gap.last);
            gaps.push_back(gap);
        }
    }
    ask_or_refuse(arguments.caution, "a signed entry would say so for good, and the log count as whole but for them");
    for (std::size_t from = 0; from < gaps.size(); from += store::NoteAuditGaps::most) {
        const auto begin = gaps.begin() + static_cast<std::ptrdiff_t>(from);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(store::NoteAuditGaps::most, gaps.size() - from));
        store::NoteAuditGaps note(session.keyspace(), author, *arguments.account, {begin, end}, arguments.reason);
        session.run(note);
    }
    verify(options, arguments);
}

} // namespace

void add_audit_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<AuditArguments>();
    CLI::App* audit = app.add_subcommand("audit", "the security log: who changed what")->require_subcommand(1);
    CLI::App* listing = audit->add_subcommand("list", "an account's entries, newest first");
    listing->add_option("--account", arguments->account, "its id; 0 for attempts with keys that nobody has")
        ->required()
        ->check(account_or_nobody);
    listing->add_option("--key", arguments->key_id, "only of this key")->check(plain_id);
    listing->add_option("--action", arguments->action, "only of this kind: key.create, key, account.topup …");
    listing->add_option("--limit", arguments->limit, "how many at most; by default 100");
    listing->callback([&options, arguments] { list_entries(options, *arguments); });
    CLI::App* repairing =
        audit->add_subcommand("repair", "note in an account's log which of its entries do not verify, as after a wrong --pepper");
    repairing->add_option("--account", arguments->account, "its id")->required()->check(account_or_nobody);
    repairing->add_option("--reason", arguments->reason, "how that came about");
    add_yes(*repairing, arguments->caution);
    repairing->callback([&options, arguments] { repair(options, *arguments); });
    CLI::App* verifying = audit->add_subcommand("verify", "look whether an entry was altered, taken out, moved or cut off");
    verifying->add_option("--account", arguments->account, "only this account's")->check(account_or_nobody);
    verifying->add_option("--anchor", arguments->anchor, "the head that an earlier verify has shown: must still be in it");
    verifying->callback([&options, arguments] { verify(options, *arguments); });
}

} // namespace api_key::tool
