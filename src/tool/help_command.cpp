#include <fmt/core.h>

#include "tool/command_tree.h"
#include "tool/commands.h"
#include "tool/help.h"

namespace api_key::tool {

void add_help_commands(CLI::App& app) {
    app.add_subcommand("version", "print the version")->callback([&app] { fmt::print("{}\n", app.version()); });
    // Words after it are taken before the commands that they name are parsed: command_line.cpp.
    app.add_subcommand("help", "explain a command: help key create")->callback([&app] { print_help(command_tree(app).front()); });
}

} // namespace api_key::tool
