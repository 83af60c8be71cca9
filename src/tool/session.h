// Shared by all commands of apikeyctl: the options, the store, and the output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/logs/audit.h"
#include "core/secrets/pepper.h"
#include "core/text/json.h"
#include "store/blocking/blocking_runner.h"
#include "store/keyspace.h"
#include "tool/table.h"

namespace api_key::tool {

enum ExitCode : int { exit_done = 0, exit_refused = 1, exit_usage = 2, exit_unreachable = 3 };

struct Options {
    std::string redis;
    std::string pepper_file;
    std::string plans_file;
    std::string user;
    std::string password_file;
    store::TlsOptions tls;
    std::string prefix = "ak:";
    std::string context;     // the connection of the configuration file; empty: none
    std::string config_file; // as it was named
    std::string output;      // table, wide, json, yaml, ids; empty: table if standard output is a terminal, else json
    bool has_headings = true;
};

// Validates an id: a plain decimal number (CLI11 itself reads 010 as octal).
extern const CLI::Validator plain_id;

// Checks a plan for an account or key: ends the program if the plans file, if one is named, does not have it.
void check_plan(const Options& options, const std::string& plan);

// The whole file, or standard input for `-`. Ends the program if it cannot be read.
std::string read_file(const std::string& path);

// Prints the message to standard error and ends the program.
[[noreturn]] void fail(ExitCode code, const std::string& message);

std::int64_t clock_ms(); // unix

// What a flow is about: `account 1`, `key 7`.
std::string account_named(std::uint64_t id);
std::string key_named(std::uint64_t id);

class Session {
  public:
    explicit Session(const Options& options); // connects; ends the program when it cannot

    // Ends the program with the matching exit code if the flow fails. `what` is what it is about: `key 7`.
    void run(store::Flow& flow, const std::string& what = {});

    // Waits until all nodes have confirmed the change of this number, at most a second, and reports those that have not. 0: there was no
    // change.
    void wait_for_nodes(std::uint64_t sequence);

    store::BlockingRunner& runner() { return runner_; }
    const store::Keyspace& keyspace() const { return keyspace_; }
    Peppers read_pepper() const;     // as it is in the file
    const Peppers& checked_pepper(); // checked against the store: ends the program if they differ

    // The operator as the author in the security log. Ends the program if no pepper is named, because it signs the entries.
    Author author();

    // As print_value.
    void print(const Json& value, const std::vector<TableColumn>& columns = {}) const;

  private:
    const Options& options_;
    std::optional<Peppers> peppers_;
    store::Keyspace keyspace_;
    store::BlockingRunner runner_;
};

} // namespace api_key::tool
