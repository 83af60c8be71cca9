// Parses the command line and runs its command; help, the version and errors of usage are printed here.
#pragma once

#include <CLI/CLI.hpp>

namespace api_key::tool {

// Gives the exit code, if the command has not ended the program.
int run_command_line(CLI::App& app, int argc, char** argv);

} // namespace api_key::tool
