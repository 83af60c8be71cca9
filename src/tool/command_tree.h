// The tool's commands as CLI11 has them, as the source of the completion scripts and the manual page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace api_key::tool {

enum class Takes : std::uint8_t { nothing, text, file };

struct Word {
    std::string text; // a command, or an option with its dashes
    std::string description;
    std::string also;     // the other name of an option: `-o` of `--output`
    std::string value;    // what it takes, in capitals; empty: nothing
    std::string variable; // environment variable that replaces it
    std::string by_default;
    Takes takes = Takes::nothing;
    bool required = false;
    std::vector<std::string> choices;
};

struct Command {
    std::string path; // "apikeyctl key create"
    std::string description;
    std::vector<Word> commands;
    std::vector<Word> options;
    std::vector<Word> arguments; // by position
    std::vector<std::string> examples;
};

// A description as a sentence of its own.
std::string sentence(std::string text);

// All of them, a command before those below it.
std::vector<Command> command_tree(const CLI::App& app);

} // namespace api_key::tool
