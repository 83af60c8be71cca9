// How Redis is reached: each setting is an option, has an environment variable, and may stand in a context of the configuration file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "tool/session.h"

namespace api_key::tool {

struct ConnectionSetting {
    const char* option;
    const char* name; // in the configuration file
    const char* variable;
    const char* words;
    bool is_file;
    bool is_switch; // a flag, or true or false
    std::string& (*text)(Options&);
};

const ConnectionSetting* find_setting(std::string_view name); // null: there is none
std::vector<std::string> setting_names();

// The environment variable of an option; empty: it has none.
std::string variable_of_option(std::string_view option);

// Adds the options. What is not given on the command line is taken from the context that --context names, from the environment, or from the
// context of APIKEYCTL_CONTEXT or current_context, in this order.
void add_connection_options(CLI::App& app, Options& options);

} // namespace api_key::tool
