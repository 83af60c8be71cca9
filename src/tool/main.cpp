// apikeyctl: the operator's tool, which talks to Redis directly.
#include <csignal>
#include <system_error>

#include "core/text/version.h"
#include "tool/command_line.h"
#include "tool/commands.h"
#include "tool/connection_options.h"

int main(int argc, char** argv) {
    using namespace api_key::tool;
    std::signal(SIGPIPE, SIG_IGN); // a closed connection is an error, it must not kill the tool
    CLI::App app("Manages the accounts and keys of the nginx API-key module, straight in Redis.", "apikeyctl");
    Options options;
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", "apikeyctl " + std::string(api_key::version), "print the version");
    app.set_help_flag("-h,--help", "print this help");
    add_connection_options(app, options);
    app.add_option("-o,--output", options.output, "by default a table on a terminal, else JSON; wide shows all columns, ids the IDs alone")
        ->check(CLI::IsMember({"table", "wide", "json", "yaml", "ids"}));
    app.add_flag("--json{json}", options.output, "the same as -o json");
    app.add_flag("!--no-headers", options.has_headings, "tables without headings");
    add_account_commands(app, options);
    add_key_commands(app, options);
    add_block_commands(app, options);
    add_audit_commands(app, options);
    add_pepper_commands(app, options);
    add_logs_command(app, options);
    add_usage_command(app, options);
    add_top_command(app, options);
    add_session_commands(app, options);
    add_node_commands(app, options);
    add_doctor_command(app, options);
    add_import_command(app, options);
    add_export_command(app, options);
    add_restore_command(app, options);
    add_init_command(app, options);
    add_context_commands(app, options);
    add_completion_command(app);
    add_manual_command(app);
    add_help_commands(app);
    try {
        return run_command_line(app, argc, argv);
    } catch (const std::system_error&) { // fmt's, when whoever reads the output has ended, as head does
        return exit_refused;
    }
}
