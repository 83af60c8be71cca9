// The configuration file: connections by name. It has no secret: a password is in a file of its own.
#pragma once

#include <map>
#include <string>
#include <variant>

namespace api_key::tool {

using ContextValues = std::map<std::string, std::variant<std::string, bool>>; // by the setting's name: redis, tls_ca

struct Contexts {
    std::string file;
    std::string current; // empty: none
    std::map<std::string, ContextValues> by_name;
};

// The file of this name; without one that of APIKEYCTL_CONFIG, else apikeyctl/config.toml in XDG_CONFIG_HOME or ~/.config, if it is there.
// Ends the program if the file is wrong.
Contexts read_contexts(const std::string& file);

// Ends the program if there is no such context.
const ContextValues& context_named(const Contexts& contexts, const std::string& name);

} // namespace api_key::tool
