#include "tool/help.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace api_key::tool {

namespace {

constexpr std::size_t description_column = 26; // where descriptions begin
constexpr std::size_t line_width = 100;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

// The words of a text, in lines that are indented to `description_column` but for the first.
std::string wrapped(const std::string& text) {
    std::string lines;
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (used != 0 && description_column + used + 1 + (end - at) > line_width) {
            lines += "\n" + std::string(description_column, ' ');
            used = 0;
        } else if (used != 0) {
            lines += ' ';
            used++;
        }
        lines += text.substr(at, end - at);
        used += end - at;
        at = end + 1;
    }
    return lines;
}

void print_line(const std::string& name, const std::string& description) {
    const std::string gap = name.size() + 4 > description_column ? "\n" + std::string(description_column, ' ')
                                                                 : std::string(description_column - name.size() - 2, ' ');
    fmt::print("  {}{}{}\n", name, gap, wrapped(description));
}

void print_option(const Word& option) {
    const std::string name =
        (option.also.empty() ? "" : option.also + ", ") + option.text + (option.value.empty() ? "" : " " + option.value);
    print_line(name, option.description + (option.required ? " (required)" : "") +
                         (option.by_default.empty() ? "" : " (default: " + option.by_default + ")") +
                         (option.variable.empty() ? "" : " (environment: " + option.variable + ")"));
}

void print_usage(const Command& command) {
    fmt::print("Usage: {}", command.path);
    for (const Word& argument : command.arguments) {
        fmt::print(" {}", argument.required ? upper(argument.text) : "[" + upper(argument.text) + "]");
    }
    for (const Word& option : command.options) {
        if (option.required) {
            fmt::print(" {} {}", option.text, option.value);
        }
    }
    fmt::print("{} [OPTIONS]\n", command.commands.empty() ? "" : " COMMAND");
}

} // namespace

void print_help(const Command& command) {
    const bool is_root = command.path.find(' ') == std::string::npos;
    print_usage(command);
    fmt::print("\n{}\n", sentence(command.description));
    if (!command.arguments.empty()) {
        fmt::print("\nArguments:\n");
        for (const Word& argument : command.arguments) {
            print_line(upper(argument.text), argument.description);
        }
    }
    if (!command.commands.empty()) {
        fmt::print("\nCommands:\n");
        for (const Word& below : command.commands) {
            print_line(below.text, below.description);
        }
    }
    fmt::print("\nOptions:\n");
    for (const Word& option : command.options) {
        print_option(option);
    }
    if (!is_root) {
        fmt::print("\nThe options for all commands, such as --redis and --output: apikeyctl --help\n");
    }
    fmt::print("\nExamples:\n");
    for (const std::string& example : command.examples) {
        fmt::print("  {}\n", example);
    }
    fmt::print("\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 Redis cannot be reached. More: man apikeyctl\n");
}

} // namespace api_key::tool
