#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/text/version.h"
#include "tool/command_tree.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

std::string words_of(const Command& command) {
    std::string words;
    for (const Word& word : command.commands) {
        words += word.text + " ";
    }
    for (const Word& word : command.options) {
        words += word.text + " ";
    }
    return words;
}

// Finds the command that the words before the cursor name, in bash and in zsh (with its own word array).
void print_bash(const std::vector<Command>& commands) {
    fmt::print("# bash completion of apikeyctl {}: made by \"apikeyctl completion bash\"\n_apikeyctl() {{\n", version);
    fmt::print("    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} path=apikeyctl words= word\n"
               "    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n        case \"$path $word\" in\n            ");
    const char* separator = "";
    for (const Command& command : commands) {
        for (const Word& word : command.commands) {
            fmt::print("{}\"{} {}\"", separator, command.path, word.text);
            separator = " | ";
        }
    }
    fmt::print(") path=\"$path $word\" ;;\n        esac\n    done\n    case $previous in\n");
    for (const Word& option : commands.front().options) {
        if (option.takes == Takes::file) {
            fmt::print("        {}) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", option.text);
        } else if (!option.choices.empty()) {
            fmt::print("        {}) COMPREPLY=($(compgen -W \"{}\" -- \"$current\")); return ;;\n", option.text,
                       fmt::join(option.choices, " "));
        }
    }
    fmt::print("    esac\n    case $path in\n");
    for (const Command& command : commands) {
        fmt::print("        \"{}\") words=\"{}\" ;;\n", command.path, words_of(command));
    }
    fmt::print("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}}\ncomplete -o bashdefault -o default -F _apikeyctl "
               "apikeyctl\n");
}

// Escapes a text for single quotes, and colons, at which zsh's _describe splits.
std::string zsh_text(std::string_view text) {
    std::string quoted;
    for (const char c : text) {
        quoted += c == '\'' ? "'\\''" : c == ':' ? "\\:" : std::string(1, c);
    }
    return quoted;
}

void print_zsh(const std::vector<Command>& commands) {
    fmt::print("#compdef apikeyctl\n# zsh completion of apikeyctl {}: made by \"apikeyctl completion zsh\"\n_apikeyctl() {{\n", version);
    fmt::print("    local path_of=apikeyctl word\n    local -a named optional\n    for word in ${{words[2,CURRENT-1]}}; do\n"
               "        case \"$path_of $word\" in\n");
    for (const Command& command : commands) {
        for (const Word& word : command.commands) {
            fmt::print("            '{} {}') path_of=\"$path_of $word\" ;;\n", command.path, word.text);
        }
    }
    fmt::print("        esac\n    done\n    case ${{words[CURRENT-1]}} in\n");
    for (const Word& option : commands.front().options) {
        if (option.takes == Takes::file) {
            fmt::print("        {}) _files; return ;;\n", option.text);
        } else if (!option.choices.empty()) {
            fmt::print("        {}) compadd -- {}; return ;;\n", option.text, fmt::join(option.choices, " "));
        }
    }
    fmt::print("    esac\n    case $path_of in\n");
    for (const Command& command : commands) {
        fmt::print("        '{}')\n            named=(", command.path);
        for (const Word& word : command.commands) {
            fmt::print("'{}:{}' ", word.text, zsh_text(word.description));
        }
        fmt::print(")\n            optional=(");
        for (const Word& word : command.options) {
            fmt::print("'{}:{}' ", word.text, zsh_text(word.description));
        }
        fmt::print(") ;;\n");
    }
    fmt::print("    esac\n    _describe command named\n    _describe option optional\n}}\n_apikeyctl \"$@\"\n");
}

std::string fish_text(std::string_view text) {
    std::string quoted;
    for (const char c : text) {
        quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return quoted;
}

// fish selects completions by the commands that are already on the line.
std::string fish_condition(const Command& command) {
    std::string condition;
    std::string_view path = command.path;
    for (std::size_t space = path.find(' '); space != std::string_view::npos; space = path.find(' ')) {
        path.remove_prefix(space + 1);
        condition += fmt::format("__fish_seen_subcommand_from {}; and ", path.substr(0, path.find(' ')));
    }
    std::string here;
    for (const Word& word : command.commands) {
        here += " " + word.text;
    }
    condition += here.empty() ? "true" : "not __fish_seen_subcommand_from" + here;
    return condition;
}

void print_fish(const std::vector<Command>& commands) {
    fmt::print("# fish completion of apikeyctl {}: made by \"apikeyctl completion fish\"\ncomplete -c apikeyctl -f\n", version);
    for (const Command& command : commands) {
        const std::string condition = fish_condition(command);
        for (const Word& word : command.commands) {
            fmt::print("complete -c apikeyctl -n '{}' -a {} -d '{}'\n", condition, word.text, fish_text(word.description));
        }
        for (const Word& option : command.options) {
            if (!option.text.starts_with("--") || (&command != &commands.front() && option.text == "--help")) {
                continue;
            }
            const std::string takes = option.takes == Takes::nothing ? "" : option.takes == Takes::file ? " -r -F" : " -x";
            const std::string choices = option.choices.empty() ? "" : fmt::format(" -a '{}'", fmt::join(option.choices, " "));
            const std::string where = &command == &commands.front() ? "" : fmt::format(" -n '{}'", condition);
            fmt::print("complete -c apikeyctl{} -l {}{}{} -d '{}'\n", where, option.text.substr(2), takes, choices,
                       fish_text(option.description));
        }
    }
}

} // namespace

void add_completion_command(CLI::App& app) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completion", "print a completion script for a shell");
    command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([&app, shell] {
        const std::vector<Command> commands = command_tree(app);
        if (*shell == "bash") {
            print_bash(commands);
        } else if (*shell == "zsh") {
            print_zsh(commands);
        } else {
            print_fish(commands);
        }
    });
}

} // namespace api_key::tool
