#include <fmt/format.h>

#include "core/text/version.h"
#include "tool/command_tree.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

// Escapes a text for troff: its minus signs and backslashes, and a first character that would begin a request.
std::string troff(std::string_view text) {
    std::string escaped = !text.empty() && (text.front() == '.' || text.front() == '\'') ? "\\&" : "";
    for (const char c : text) {
        escaped += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
    }
    return escaped;
}

void print_word(const Word& word) {
    const std::string value = word.value.empty() ? "" : " \\fI" + troff(word.value) + "\\fR";
    const std::string also = word.also.empty() ? "" : "\\fB" + troff(word.also) + "\\fR, ";
    const std::string variable = word.variable.empty() ? "" : fmt::format(" Environment: \\fB{}\\fR.", troff(word.variable));
    fmt::print(".TP\n{}\\fB{}\\fR{}\n{}{}{}\n", also, troff(word.text), value, troff(word.description), word.required ? " (required)" : "",
               variable);
}

void print_synopsis(const Command& command) {
    fmt::print(".SS {}", troff(command.path.substr(command.path.find(' ') + 1)));
    for (const Word& argument : command.arguments) {
        fmt::print(" \\fI{}\\fR", troff(argument.text));
    }
    fmt::print("\n{}\n", troff(sentence(command.description)));
}

void print_command(const Command& command) {
    print_synopsis(command);
    for (const Word& argument : command.arguments) {
        fmt::print(".TP\n\\fI{}\\fR\n{}\n", troff(argument.text), troff(argument.description));
    }
    for (const Word& option : command.options) {
        if (option.text != "--help") {
            print_word(option);
        }
    }
    fmt::print(".PP\n.nf\n");
    for (const std::string& example : command.examples) {
        fmt::print("{}\n", troff(example));
    }
    fmt::print(".fi\n");
}

constexpr const char* ending = R"(.SH EXIT STATUS
.TP
0
Done.
.TP
1
Refused: what was asked for is not so, or must not be.
.TP
2
Wrong usage.
.TP
3
The store cannot be reached.
.SH FILES
.TP
/etc/nginx/api_key.pepper
The secrets under which keys are stored, one \fIversion\fR:\fIhex\fR per line.
.SH EXAMPLES
.nf
apikeyctl init \-\-upstream http://127.0.0.1:8000
apikeyctl account create \-\-name acme
apikeyctl key create \-\-account 1 \-\-type billing \-\-name ops
apikeyctl account topup 1 \-\-amount 25.00 \-\-reference inv\-77
apikeyctl doctor
.fi
.SH SEE ALSO
.BR nginx (8),
.BR redis\-cli (1)
)";

void print_manual(const std::vector<Command>& commands) {
    fmt::print(
        ".TH APIKEYCTL 1 \"\" \"apikeyctl {}\" \"API keys for NGINX\"\n.SH NAME\napikeyctl \\- accounts and keys of the nginx API key "
        "module\n.SH SYNOPSIS\n.B apikeyctl\n[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n.SH DESCRIPTION\n{}\n.SH OPTIONS\n",
        version, troff(commands.front().description));
    for (const Word& option : commands.front().options) {
        print_word(option);
    }
    fmt::print(".SH COMMANDS\n");
    for (const Command& command : commands) {
        if (command.commands.empty()) {
            print_command(command);
        }
    }
    fmt::print("{}", ending);
}

} // namespace

void add_manual_command(CLI::App& app) {
    app.add_subcommand("manual", "print the manual page, for man(1)")->callback([&app] { print_manual(command_tree(app)); });
}

} // namespace api_key::tool
