#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/flows/account_flows.h"
#include "store/flows/examination.h"
#include "store/flows/list_flow.h"
#include "store/random_source.h"
#include "tool/commands.h"
#include "tool/first_configuration.h"
#include "tool/new_key.h"
#include "tool/nginx_program.h"
#include "tool/output.h"

namespace api_key::tool {

namespace {

constexpr const char* dashboard_files = "/usr/share/nginx-api-key/dashboard";

struct InitArguments {
    FirstGateway gateway;
    std::string nginx = "nginx";
    std::string account = "default";
    bool yes = false;
};

// Reports a finding or a step, on standard error: standard output is for the resulting keys.
void tell(const char* topic, const std::string& what) {
    fmt::print(stderr, "{:<14} {}\n", topic, what);
}

[[noreturn]] void fail_at(const std::string& path, int error) {
    fail(exit_refused, fmt::format("{}: {}{}", path, std::strerror(error), error == EACCES ? ": run this as root" : ""));
}

// Creates a file with this mode. False if it exists already.
bool write_new_file(const std::string& path, const std::string& text, mode_t mode) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
        if (errno == EEXIST) {
            return false;
        }
        fail_at(path, errno);
    }
    const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
    const int error = errno;
    close(file);
    if (!whole) {
        unlink(path.c_str());
        fail_at(path, error);
    }
    return true;
}

bool is_there(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

void check_store(Session& session) {
    const store::Endpoint& server = session.runner().server();
    tell("store", server.host.empty() ? "reached" : "reached at " + server.text());
    store::Examination examination(session.keyspace());
    session.run(examination);
    bool is_fit = true;
    for (const store::Finding& finding : examination.findings()) {
        if (finding.state == store::Finding::State::ok || (finding.check == "contents" && examination.is_empty())) {
            continue;
        }
        const bool is_failure = finding.state == store::Finding::State::fail;
        tell("", fmt::format("{}: {}", is_failure ? "not fit for use" : "warning", finding.detail));
        is_fit = is_fit && !is_failure;
    }
    if (!is_fit) {
        fail(exit_refused, "the store is not fit for use; nothing was written");
    }
}

std::vector<store::Account> first_accounts(Session& session) {
    store::ListAccounts flow(session.keyspace(), 0, 1000);
    session.run(flow);
    return flow.accounts();
}

void make_pepper(const std::string& path, bool is_store_empty) {
    if (is_there(path)) {
        return tell("pepper", path + " is there and stays as it is");
    }
    if (!is_store_empty) {
        fail(exit_refused,
             fmt::format("the store has accounts, but there is no {}: copy it from another node, or name it with --pepper; a new "
                         "one would open none of the keys",
                         path));
    }
    const std::string secret = store::random_hex(32);
    if (secret.empty()) {
        fail(exit_refused, "no random bytes");
    }
    write_new_file(path, "1:" + secret + "\n", S_IRUSR | S_IWUSR);
    tell("pepper", "made " + path + ": keep a copy of it, all keys depend on it");
}

struct FirstKeys {
    std::uint64_t account = 0;
    std::string proxy;   // empty: the account has such keys already
    std::string billing; // likewise
};

std::string make_first_key(Session& session, std::uint64_t account, const char* type, const char* prefix) {
    store::ListKeys existing(session.keyspace(), account, {{type}, {}, {}, {}}, 1, 0);
    session.run(existing);
    if (!existing.keys().empty()) {
        return {};
    }
    KeyRecord draft;
    draft.account = account;
    draft.type = type;
    draft.name = "first";
    return create_key(session, std::move(draft), prefix).text;
}

FirstKeys make_account_and_keys(Session& session, const std::vector<store::Account>& accounts, const std::string& name) {
    FirstKeys keys;
    for (const store::Account& account : accounts) {
        keys.account = account.name == name ? account.id : keys.account;
    }
    const bool is_new = keys.account == 0;
    if (is_new) {
        keys.account = create_account(session, name, {});
    }
    tell("account", fmt::format("{} \"{}\"{}", keys.account, name, is_new ? "" : " was there"));
    keys.billing = make_first_key(session, keys.account, Types::billing, Types::billing_prefix);
    keys.proxy = make_first_key(session, keys.account, Types::proxy, Types::proxy_prefix);
    return keys;
}

// True if something listens on the port on this machine.
bool is_taken(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    const int port = std::atoi(listen.substr(colon == std::string::npos ? 0 : colon + 1).c_str());
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool taken = connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(connection);
    return taken;
}

bool is_wanted(const InitArguments& arguments, const std::string& path) {
    if (arguments.yes) {
        return true;
    }
    fmt::print(stderr, "Write {} for a server on {} before {}? [y/N] ", path, arguments.gateway.listen, arguments.gateway.upstream);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

// The file is removed again if nginx does not accept it.
void write_configuration(NginxProgram& nginx, const Options& options, const InitArguments& arguments) {
    const std::string path = nginx.directory() + "/conf.d/api-keys.conf";
    if (nginx.has_directive("api_key_zone") || is_there(path)) {
        tell("configuration",
             fmt::format("{} and stays as it is", is_there(path) ? path + " is there" : "nginx has an api_key_zone already"));
        return;
    }
    if (is_taken(arguments.gateway.listen)) {
        fail(exit_refused, fmt::format("something listens on {} already: choose another port with --listen", arguments.gateway.listen));
    }
    if (!is_wanted(arguments, path)) {
        tell("configuration", "not written");
        return;
    }
    FirstGateway gateway = arguments.gateway;
    if (is_there(std::string(dashboard_files) + "/index.html") && is_there(nginx.directory() + "/dashboard.conf")) {
        gateway.dashboard = dashboard_files;
    }
    const std::string place = nginx.directory() + "/conf.d";
    std::error_code error;
    std::filesystem::create_directories(place, error);
    if (error) {
        fail_at(place, error.value());
    }
    write_new_file(path, first_configuration(options, gateway), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    if (const std::string problem = nginx.test(); !problem.empty()) {
        unlink(path.c_str());
        fail(exit_refused, fmt::format("nginx does not accept the configuration, {} was taken away again:\n{}", path, problem));
    }
    if (!nginx.reads_file(path)) {
        fail(exit_refused,
             fmt::format("{0} was written, but nginx.conf does not include it: put \"include {0};\" into its http block", path));
    }
    tell("configuration", path + " written, nginx -t accepts it");
}

std::string address_of(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    return "http://127.0.0.1:" + (colon == std::string::npos ? listen : listen.substr(colon + 1));
}

void print_next_steps(const Session& session, const Options& options, const InitArguments& arguments, const FirstKeys& keys) {
    if (!prints_table(options)) {
        Json object(json_object());
        json_object_set_new(object.get(), "account", json_integer(static_cast<json_int_t>(keys.account)));
        json_object_set_new(object.get(), "key", keys.proxy.empty() ? json_null() : json_text(keys.proxy).release());
        json_object_set_new(object.get(), "billingKey", keys.billing.empty() ? json_null() : json_text(keys.billing).release());
        return session.print(object);
    }
    const std::string address = address_of(arguments.gateway.listen);
    fmt::print("\nReload nginx (systemctl reload nginx, or nginx -s reload); then\n\n"
               "  curl {0}/ -H 'Authorization: Bearer {1}'\n"
               "  curl {0}/api/keys -H 'Authorization: Bearer {2}'\n\n",
               address, keys.proxy.empty() ? "KEY" : keys.proxy, keys.billing.empty() ? "BILLING_KEY" : keys.billing);
    if (keys.proxy.empty() || keys.billing.empty()) {
        fmt::print(
            "The account has keys, whose secrets were shown when they were made. Another: apikeyctl key create --account {} --type {} "
            "--name second\n",
            keys.account, keys.proxy.empty() ? Types::proxy : Types::billing);
    } else {
        fmt::print("The secrets of these keys are shown this once. In a browser: {}/dashboard/, with the second of them.\n", address);
    }
    fmt::print("For this tool: export APIKEYCTL_REDIS={} APIKEYCTL_PEPPER={}\n", options.redis, options.pepper_file);
}

void init(Options options, const InitArguments& arguments) {
    if (!arguments.yes && isatty(STDIN_FILENO) == 0) {
        fail(exit_usage, "nobody is here to be asked: --yes writes the configuration without a question");
    }
    NginxProgram nginx(arguments.nginx);
    tell("nginx", fmt::format("{}, configured in {}", nginx.version(), nginx.directory()));
    if (const std::string problem = nginx.test(); !problem.empty()) {
        fail(exit_refused, fmt::format("nginx does not accept its configuration as it is now; nothing was written{}\n{}",
                                       geteuid() == 0 ? "" : " (run this as root)", problem));
    }
    if (!nginx.loads_module()) {
        fail(exit_refused,
             fmt::format("nginx does not load the module: put \"load_module modules/ngx_http_api_key_module.so;\" at the top of "
                         "{}/nginx.conf (or install libnginx-mod-http-api-key)",
                         nginx.directory()));
    }
    if (options.redis.empty()) {
        options.redis = "redis://127.0.0.1:6379/0";
    }
    if (options.pepper_file.empty()) {
        options.pepper_file = nginx.directory() + "/api_key.pepper";
    }
    Session session(options);
    check_store(session);
    const std::vector<store::Account> accounts = first_accounts(session);
    make_pepper(options.pepper_file, accounts.empty());
    session.checked_pepper();
    write_configuration(nginx, options, arguments);
    print_next_steps(session, options, arguments, make_account_and_keys(session, accounts, arguments.account));
}

} // namespace

void add_init_command(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<InitArguments>();
    CLI::App* command = app.add_subcommand("init", "set up an installed nginx up to its first answered request; may be run again");
    command->add_option("--listen", arguments->gateway.listen, "port, or address:port, of the server that is written")
        ->capture_default_str();
    command->add_option("--upstream", arguments->gateway.upstream, "the API that keys open")->capture_default_str();
    command->add_option("--account", arguments->account, "name of the first account")->capture_default_str();
    command->add_option("--nginx", arguments->nginx, "the nginx program")->capture_default_str();
    command->add_flag("--yes", arguments->yes, "write the configuration without asking");
    command->callback([&options, arguments] { init(options, *arguments); });
}

} // namespace api_key::tool
