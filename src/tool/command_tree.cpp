#include "tool/command_tree.h"

#include <algorithm>
#include <cctype>

namespace api_key::tool {

namespace {

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

Word word_of(const CLI::Option& option) {
    Word word;
    word.description = option.get_description();
    word.required = option.get_required();
    word.variable = option.get_envname();
    word.choices = choices_of(option);
    const std::vector<std::string>& long_names = option.get_lnames();
    const std::vector<std::string>& short_names = option.get_snames();
    if (option.get_positional()) {
        word.text = option.get_name(true);
        return word;
    }
    word.text = long_names.empty() ? "-" + short_names.front() : "--" + long_names.front();
    word.also = long_names.empty() || short_names.empty() ? "" : "-" + short_names.front();
    if (option.get_items_expected_max() != 0) {
        word.value = option.get_type_name() == "FILE" ? "FILE" : word.text.substr(word.text.find_first_not_of('-'));
        std::transform(word.value.begin(), word.value.end(), word.value.begin(), [](unsigned char c) { return std::toupper(c); });
        word.takes = word.value == "FILE" ? Takes::file : Takes::text;
    }
    return word;
}

void add_commands(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
    const std::size_t index = commands.size();
    commands.push_back({path, app.get_description(), {}, {}, {}});
    for (const CLI::Option* option : app.get_options()) {
        (option->get_positional() ? commands[index].arguments : commands[index].options).push_back(word_of(*option));
    }
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
        Word word;
        word.text = below->get_name();
        word.description = below->get_description();
        commands[index].commands.push_back(std::move(word));
        add_commands(*below, path + " " + below->get_name(), commands);
    }
}

} // namespace

std::vector<Command> command_tree(const CLI::App& app) {
    std::vector<Command> commands;
    add_commands(app, app.get_name(), commands);
    return commands;
}

} // namespace api_key::tool
