#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include "core/documents/key_writer.h"
#include "core/text/time_text.h"
#include "store/flows/list_flow.h"
#include "store/flows/lookup_flow.h"
#include "tool/account_list.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

struct LookupArguments {
    std::string prefix;
    std::string alias;
};

// Standard input is not shown while a secret is typed.
class QuietTerminal {
  public:
    QuietTerminal() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            termios quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
            fmt::print(stderr, "Secret, which is not shown: "); // once nothing is shown any more
            std::fflush(stderr);
        }
    }
    ~QuietTerminal() {
        if (is_terminal_) {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
            fmt::print(stderr, "\n");
        }
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

  private:
    termios before_{};
    bool is_terminal_;
};

// The first line of standard input, without spaces around it.
std::string read_secret() {
    constexpr std::size_t longest = 4096;
    const QuietTerminal quiet;
    std::string line;
    for (int c = 0; line.size() < longest && (c = std::getchar()) != EOF && c != '\n';) {
        line += static_cast<char>(c);
    }
    const std::size_t begin = line.find_first_not_of(" \t\r");
    return begin == std::string::npos ? std::string() : line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
}

Json found_object(const KeyRecord& key, const store::Account& account, std::int64_t now_ms) {
    Json object(json_object());
    set_number(object.get(), "account", static_cast<std::int64_t>(account.id));
    set(object.get(), "accountName", account.name);
    json_object_set_new(object.get(), "accountActive", json_boolean(account.active));
    json_object_update(object.get(), key_object(key, now_ms).get());
    return object;
}

void find_by_secret(const Options& options, json_t* found) {
    const std::string secret = read_secret();
    const std::optional<Digest> digest = sha256(secret);
    if (secret.empty() || !digest) {
        fail(exit_usage, "no secret on standard input");
    }
    Session session(options);
    const Peppers& peppers = session.checked_pepper();
    store::LookupKey flow(session.keyspace(), peppers.digests(*digest), &peppers);
    session.run(flow, "a key with this secret");
    store::ReadAccount account(session.keyspace(), flow.found().key.account);
    session.run(account);
    Json object = found_object(flow.found().key, account.account(), flow.found().store_now_ms);
    if (flow.found().secret_until_ms != 0) {
        set(object.get(), "replacedSecretUntil", format_rfc3339(flow.found().secret_until_ms));
    }
    json_array_append_new(found, object.release());
}

bool is_wanted(const KeyRecord& key, const LookupArguments& arguments) {
    const bool has_prefix = key.prefix.starts_with(arguments.prefix) || arguments.prefix.starts_with(key.prefix);
    return has_prefix && (arguments.alias.empty() || key.alias == arguments.alias);
}

void find_in_account(Session& session, const store::Account& account, const LookupArguments& arguments, json_t* found) {
    store::ReadAccount reading(session.keyspace(), account.id);
    session.run(reading, account_named(account.id));
    KeyFilter filter;
    filter.types = reading.account().key_types;
    filter.text = arguments.alias.empty() ? arguments.prefix.substr(0, key_shown_length) : arguments.alias;
    for (std::uint64_t before = 0; !filter.types.empty();) {
        constexpr std::size_t page = 1000;
        store::ListKeys flow(session.keyspace(), account.id, filter, page, before, true);
        session.run(flow);
        for (const KeyRecord& key : flow.records()) {
            if (is_wanted(key, arguments)) {
                json_array_append_new(found, found_object(key, account, flow.store_now_ms()).release());
            }
        }
        before = flow.next_page();
        if (before == 0) {
            break;
        }
    }
}

void find_in_all_accounts(const Options& options, const LookupArguments& arguments, json_t* found) {
    Session session(options);
    for (const store::Account& account : all_accounts(session)) {
        find_in_account(session, account, arguments, found);
    }
    if (json_array_size(found) == 0) {
        fail(exit_refused, "no such key found");
    }
}

void look_up(const Options& options, const LookupArguments& arguments) {
    const Json found(json_array());
    if (arguments.prefix.empty() && arguments.alias.empty()) {
        find_by_secret(options, found.get());
    } else {
        find_in_all_accounts(options, arguments, found.get());
    }
    print_value(options, found,
                {"account",
                 {"ACCOUNT NAME", "accountName"},
                 "id",
                 "name",
                 "alias",
                 "type",
                 "prefix",
                 "active",
                 {"LAST USED", "lastUsedAt"},
                 {"REPLACED SECRET UNTIL", "replacedSecretUntil", true}});
}

} // namespace

void add_lookup_command(CLI::App& key, const Options& options) {
    auto arguments = std::make_shared<LookupArguments>();
    CLI::App* command = key.add_subcommand("lookup", "find the key of a secret, read from standard input, in any account");
    command->add_option("--prefix", arguments->prefix, "instead of a secret: what it begins with");
    command->add_option("--alias", arguments->alias, "instead of a secret: the alias, of any account");
    command->callback([&options, arguments] { look_up(options, *arguments); });
}

} // namespace api_key::tool
