#include "tool/contexts.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "store/server/location.h"
#include "tool/connection_options.h"
#include "tool/output.h"
#include "tool/session.h"
#include "tool/toml.h"

namespace api_key::tool {

namespace {

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// Empty if there is none.
std::string default_file() {
    const std::string base = from_environment("XDG_CONFIG_HOME");
    const std::string home = from_environment("HOME");
    if (base.empty() && home.empty()) {
        return {};
    }
    std::string file = (base.empty() ? home + "/.config" : base) + "/apikeyctl/config.toml";
    return access(file.c_str(), F_OK) == 0 ? file : std::string();
}

[[noreturn]] void refuse_item(const Contexts& contexts, const TomlItem& item, const std::string& problem) {
    fail(exit_usage, fmt::format("{}, line {}: {}: {}", contexts.file, item.line, shown_text(item.key), problem));
}

// Paths are relative to the directory of the file, unless they begin with `/`; `~/` is the home directory.
std::string path_from(const Contexts& contexts, const std::string& path) {
    if (path.starts_with("~/")) {
        return from_environment("HOME") + path.substr(1);
    }
    const std::size_t slash = contexts.file.rfind('/');
    return path.starts_with('/') || slash == std::string::npos ? path : contexts.file.substr(0, slash + 1) + path;
}

void add_setting(Contexts& contexts, const TomlItem& item) {
    if (item.key.find("password") != std::string::npos && item.key != "password_file") {
        refuse_item(contexts, item, "a password does not belong into this file: use password_file");
    }
    const ConnectionSetting* setting = find_setting(item.key);
    if (setting == nullptr) {
        refuse_item(contexts, item, fmt::format("unknown setting; known are {}", fmt::join(setting_names(), ", ")));
    }
    if (setting->is_switch != std::holds_alternative<bool>(item.value)) {
        refuse_item(contexts, item, setting->is_switch ? "expected true or false" : "expected a value in quotes");
    }
    std::variant<std::string, bool> value = item.value;
    if (item.key == "redis") {
        if (const Result<store::Location> location = store::parse_location(std::get<std::string>(value)); !location) {
            refuse_item(contexts, item, location.error().message);
        }
    }
    if (setting->is_file) {
        value = path_from(contexts, std::get<std::string>(value));
    }
    contexts.by_name[item.table[1]][item.key] = value;
}

} // namespace

Contexts read_contexts(const std::string& file) {
    Contexts contexts;
    contexts.file = file;
    for (const std::string& other : {from_environment("APIKEYCTL_CONFIG"), default_file()}) {
        contexts.file = contexts.file.empty() ? other : contexts.file;
    }
    if (contexts.file.empty()) {
        return contexts;
    }
    const Result<std::vector<TomlItem>> items = parse_toml(read_file(contexts.file));
    if (!items) {
        fail(exit_usage, fmt::format("{}, {}: {}", contexts.file, items.error().field, items.error().message));
    }
    for (const TomlItem& item : *items) {
        if (item.table.size() == 2 && item.table[0] == "contexts") {
            add_setting(contexts, item);
        } else if (item.table.empty() && item.key == "current_context" && std::holds_alternative<std::string>(item.value)) {
            contexts.current = std::get<std::string>(item.value);
        } else {
            refuse_item(contexts, item, "expected current_context = \"NAME\", or a setting below [contexts.NAME]");
        }
    }
    return contexts;
}

const ContextValues& context_named(const Contexts& contexts, const std::string& name) {
    const auto found = contexts.by_name.find(name);
    if (found != contexts.by_name.end()) {
        return found->second;
    }
    if (contexts.file.empty()) {
        fail(exit_usage, fmt::format("no context \"{}\": there is no configuration file", shown_text(name)));
    }
    std::vector<std::string> names;
    for (const auto& [known, values] : contexts.by_name) {
        names.push_back(known);
    }
    fail(exit_usage, fmt::format("{} has no context \"{}\"; it has {}", contexts.file, shown_text(name),
                                 names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

} // namespace api_key::tool
