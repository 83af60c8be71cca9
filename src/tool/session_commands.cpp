#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "core/text/time_text.h"
#include "store/flows/session_flows.h"
#include "tool/caution.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

struct SessionArguments {
    std::string id;
    std::uint64_t account = 0;
    std::uint64_t key_id = 0;
    Caution caution;
};

// The beginning of its name in Redis: enough to tell sessions apart. It opens nothing: the name is an HMAC of the cookie.
std::string id_of(const store::StoredSession& session) {
    constexpr std::size_t length = 16;
    return to_hex(as_bytes(session.name)).substr(0, length);
}

Json session_object(const store::ListedSession& one) {
    Json object(json_object());
    set(object.get(), "id", id_of(one.session));
    set_number(object.get(), "account", static_cast<std::int64_t>(one.session.account));
    set_number(object.get(), "keyId", static_cast<std::int64_t>(one.session.key_id));
    set(object.get(), "createdAt", format_rfc3339(one.session.until_ms - store::session_lasts_ms));
    set(object.get(), "idleUntil", format_rfc3339(one.idle_until_ms));
    set(object.get(), "until", format_rfc3339(one.session.until_ms));
    return object;
}

// The newest first.
std::vector<store::ListedSession> wanted_sessions(Session& session, const SessionArguments& arguments) {
    store::ListSessions flow(session.keyspace());
    session.run(flow);
    std::vector<store::ListedSession> wanted;
    for (const store::ListedSession& one : flow.sessions()) {
        if ((arguments.account == 0 || one.session.account == arguments.account) &&
            (arguments.key_id == 0 || one.session.key_id == arguments.key_id) &&
            to_hex(as_bytes(one.session.name)).starts_with(arguments.id)) {
            wanted.push_back(one);
        }
    }
    std::sort(wanted.begin(), wanted.end(), [](const auto& one, const auto& other) {
        return one.session.until_ms != other.session.until_ms ? one.session.until_ms > other.session.until_ms
                                                              : one.session.name < other.session.name;
    });
    return wanted;
}

Json session_list(const std::vector<store::ListedSession>& sessions) {
    Json array(json_array());
    for (const store::ListedSession& one : sessions) {
        json_array_append_new(array.get(), session_object(one).release());
    }
    return array;
}

void print_sessions(const Session& session, const std::vector<store::ListedSession>& sessions) {
    session.print(session_list(sessions), {"id", "account", "keyId", "createdAt", {"IDLE UNTIL", "idleUntil"}, {"UNTIL", "until", true}});
}

void list_sessions(const Options& options, const SessionArguments& arguments) {
    Session session(options);
    print_sessions(session, wanted_sessions(session, arguments));
}

void revoke_sessions(const Options& options, const SessionArguments& arguments) {
    if (arguments.id.empty() && arguments.account == 0 && arguments.key_id == 0) {
        fail(exit_usage, "expected the ID of a session, --key or --account");
    }
    Session session(options);
    const Author author = session.author();
    const std::vector<store::ListedSession> sessions = wanted_sessions(session, arguments);
    if (!arguments.id.empty() && sessions.size() > 1) {
        fail(exit_refused, fmt::format("{} sessions begin with {}: give more of the ID", sessions.size(), arguments.id));
    }
    if (!arguments.id.empty() && sessions.empty()) {
        fail(exit_refused, fmt::format("session {} not found", shown_text(arguments.id)));
    }
    if (arguments.caution.dry_run) {
        print_sessions(session, sessions);
        fmt::print(stderr, "apikeyctl: a dry run: nothing was changed\n");
        return;
    }
    if (!sessions.empty()) {
        ask(arguments.caution, fmt::format("End {} of the dashboard, the first of key {} in account {}?",
                                           sessions.size() == 1 ? "1 session" : fmt::format("{} sessions", sessions.size()),
                                           sessions.front().session.key_id, sessions.front().session.account));
    }
    for (const store::ListedSession& one : sessions) {
        store::EndSession flow(session.keyspace(), author, one.session);
        session.run(flow);
    }
    print_sessions(session, sessions);
}

} // namespace

void add_session_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<SessionArguments>();
    CLI::App* session = app.add_subcommand("session", "sessions of the dashboard")->require_subcommand(1);
    CLI::App* listing = session->add_subcommand("list", "who is signed in, the newest first");
    CLI::App* revoking = session->add_subcommand("revoke", "sign out a session, or all of a key or an account; prints them");
    revoking->add_option("id", arguments->id, "as session list shows it, or its first characters");
    for (CLI::App* command : {listing, revoking}) {
        command->add_option("--account", arguments->account, "only of this account")->check(plain_id);
        command->add_option("--key", arguments->key_id, "only of this billing key")->check(plain_id);
    }
    add_yes(*revoking, arguments->caution);
    add_dry_run(*revoking, arguments->caution);
    listing->callback([&options, arguments] { list_sessions(options, *arguments); });
    revoking->callback([&options, arguments] { revoke_sessions(options, *arguments); });
}

} // namespace api_key::tool
