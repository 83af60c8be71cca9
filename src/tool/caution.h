// Questions before what cannot be undone, and dry runs.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "core/policy/record.h"
#include "core/text/json.h"
#include "tool/session.h"

namespace api_key::tool {

struct Caution {
    bool yes = false;
    bool dry_run = false;
};

// Both outlive the command.
void add_yes(CLI::App& command, Caution& caution);
void add_dry_run(CLI::App& command, Caution& caution);

// Asks on a terminal, and ends the program if the answer is not yes. Without a terminal, or with --yes, it is taken for yes: scripts say
// what they mean.
void ask(const Caution& caution, const std::string& question);

// The same where --yes is required without a terminal: the program ends with `why`.
void ask_or_refuse(const Caution& caution, const std::string& why);

// The end of a dry run: prints what would be, and says that nothing was changed.
void print_dry_run(const Session& session, const Json& would_be);

// `key 7 "app", last used 2026-11-24T20:35:00Z`
std::string described(const KeyRecord& key);

} // namespace api_key::tool
