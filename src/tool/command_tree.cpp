#include "tool/command_tree.h"

#include <algorithm>
#include <cctype>

#include "tool/connection_options.h"
#include "tool/examples.h"

namespace api_key::tool {

namespace {

constexpr std::size_t max_group_examples = 5;

// The choices of an option with a check such as `{table,json}`.
std::vector<std::string> choices_of(const CLI::Option& option) {
    std::vector<std::string> choices;
    const std::string type = option.get_type_name();
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) {
        return choices;
    }
    for (std::size_t at = open + 1; at < close;) {
        const std::size_t end = std::min(type.find(',', at), close);
        choices.push_back(type.substr(at, end - at));
        at = end + 1;
    }
    return choices;
}

bool is_capitals(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// What an option takes: its choices, the name of its type or check (TIME), or its own name.
std::string value_of_option(const CLI::Option& option, const Word& word) {
    if (!word.choices.empty()) {
        std::string choices;
        for (const std::string& choice : word.choices) {
            choices += (choices.empty() ? "" : "|") + choice;
        }
        return choices;
    }
    const std::string type = option.get_type_name();
    const std::string kind = type.substr(type.find(':') == std::string::npos ? 0 : type.find(':') + 1);
    if (is_capitals(kind) && kind != "TEXT" && kind != "INT" && kind != "UINT") {
        return kind;
    }
    std::string value = word.text.substr(word.text.find_first_not_of('-'));
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::toupper(c); });
    return value;
}

Word word_of(const CLI::Option& option) {
    Word word;
    word.description = option.get_description();
    word.required = option.get_required();
    word.by_default = option.get_default_str();
    word.choices = choices_of(option);
    const std::vector<std::string>& long_names = option.get_lnames();
    const std::vector<std::string>& short_names = option.get_snames();
    if (option.get_positional()) {
        word.text = option.get_name(true);
        return word;
    }
    word.text = long_names.empty() ? "-" + short_names.front() : "--" + long_names.front();
    word.variable = variable_of_option(word.text);
    word.also = long_names.empty() || short_names.empty() ? "" : "-" + short_names.front();
    if (option.get_items_expected_max() != 0) {
        word.value = value_of_option(option, word);
        word.takes = word.value == "FILE" ? Takes::file : Takes::text;
    }
    return word;
}

void add_commands(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
    const std::size_t index = commands.size();
    commands.push_back({path, app.get_description(), {}, {}, {}, examples_of(path)});
    for (const CLI::Option* option : app.get_options()) {
        (option->get_positional() ? commands[index].arguments : commands[index].options).push_back(word_of(*option));
    }
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
        Word word;
        word.text = below->get_name();
        word.description = below->get_description();
        commands[index].commands.push_back(std::move(word));
        const std::size_t first_below = commands.size();
        add_commands(*below, path + " " + below->get_name(), commands);
        const std::vector<std::string>& examples = commands[first_below].examples;
        if (!examples.empty() && commands[index].examples.size() < max_group_examples) {
            commands[index].examples.push_back(examples.front());
        }
    }
}

} // namespace

std::string sentence(std::string text) {
    if (!text.empty()) {
        text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
        text += text.back() == '.' || text.back() == '?' ? "" : ".";
    }
    return text;
}

std::vector<Command> command_tree(const CLI::App& app) {
    std::vector<Command> commands;
    add_commands(app, app.get_name(), commands);
    return commands;
}

} // namespace api_key::tool
