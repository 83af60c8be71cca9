#include "tool/command_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tool/command_tree.h"
#include "tool/help.h"
#include "tool/output.h"
#include "tool/session.h"
#include "tool/suggestion.h"

namespace api_key::tool {

namespace {

// The command that the line has named so far.
const CLI::App& deepest(const CLI::App& app) {
    const CLI::App* found = &app;
    for (std::vector<CLI::App*> below = found->get_subcommands(); !below.empty(); below = found->get_subcommands()) {
        found = below.front();
    }
    return *found;
}

std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

const Command& command_at(const std::vector<Command>& commands, const std::string& path) {
    return *std::find_if(commands.begin(), commands.end(), [&](const Command& command) { return command.path == path; });
}

std::vector<std::string> names_of(const std::vector<Word>& words) {
    std::vector<std::string> names;
    for (const Word& word : words) {
        names.push_back(word.text);
        if (!word.also.empty()) {
            names.push_back(word.also);
        }
    }
    return names;
}

std::string unknown(const char* kind, const std::string& word, const std::vector<std::string>& candidates) {
    const std::string near = closest(word, candidates);
    return fmt::format("unknown {} \"{}\"{}", kind, shown_text(word), near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
}

// What is wrong with the first word that no command and no option is called by; empty: all are known.
std::string problem_of_words(const std::vector<std::string>& left, const Command& root, const Command& command) {
    if (left.empty()) {
        return {};
    }
    const std::string& word = left.front();
    if (word.size() > 1 && word.front() == '-') {
        std::vector<std::string> candidates = names_of(command.options);
        const std::vector<std::string> common = names_of(root.options);
        candidates.insert(candidates.end(), common.begin(), common.end());
        return unknown("option", word.substr(0, word.find('=')), candidates);
    }
    if (!command.commands.empty()) {
        return unknown("command", word, names_of(command.commands));
    }
    return fmt::format("unexpected argument \"{}\"", shown_text(word));
}

// CLI11's own words for a value that is missing, or is none of those allowed, show how it is written in C++.
std::string words_of_error(const CLI::ParseError& error) {
    std::string words = error.what();
    const std::string option = words.substr(0, words.find(':'));
    if (error.get_name() == "ArgumentMismatch") {
        return option + ": expected a value";
    }
    const std::size_t allowed = words.find(" not in {");
    if (allowed == std::string::npos || words.back() != '}') {
        return words;
    }
    const std::size_t first = words.find('{', allowed) + 1;
    return option + ": expected one of " + words.substr(first, words.size() - first - 1);
}

int refuse(const std::string& problem, const std::string& path) {
    fmt::print(stderr, "apikeyctl: {}\nSee \"{} --help\".\n", problem, path);
    return exit_usage;
}

int refuse(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<Command> commands = command_tree(app);
    const std::string path = path_of(deepest(app));
    const Command& command = command_at(commands, path);
    std::string problem = problem_of_words(app.remaining(true), commands.front(), command);
    if (problem.empty() && !command.commands.empty()) {
        problem = fmt::format("a command is missing: {}", fmt::join(names_of(command.commands), ", "));
    }
    return refuse(problem.empty() ? words_of_error(error) : problem, command.path);
}

// `help key create` is `key create --help`.
int explain(const CLI::App& app, const std::vector<std::string>& words) {
    const std::vector<Command> commands = command_tree(app);
    const Command* command = &commands.front();
    for (const std::string& word : words) {
        const std::vector<std::string> names = names_of(command->commands);
        if (std::find(names.begin(), names.end(), word) == names.end()) {
            return refuse(unknown("command", word, names), command->path);
        }
        command = &command_at(commands, command->path + " " + word);
    }
    print_help(*command);
    return exit_done;
}

} // namespace

int run_command_line(CLI::App& app, int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const bool has_option = std::any_of(words.begin(), words.end(), [](const std::string& word) { return word.starts_with('-'); });
    if (!words.empty() && words.front() == "help" && !has_option) {
        return explain(app, {words.begin() + 1, words.end()});
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        const std::vector<Command> commands = command_tree(app);
        print_help(command_at(commands, path_of(deepest(app))));
    } catch (const CLI::CallForVersion&) {
        fmt::print("{}\n", app.version());
    } catch (const CLI::ParseError& error) {
        return refuse(app, error);
    }
    return exit_done;
}

} // namespace api_key::tool
