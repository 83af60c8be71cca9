// The command groups of apikeyctl. Each adds its subcommands; `options` outlives them.
#pragma once

#include <CLI/CLI.hpp>

#include "tool/session.h"

namespace api_key::tool {

void add_account_commands(CLI::App& app, const Options& options);
void add_key_commands(CLI::App& app, const Options& options);
void add_lookup_command(CLI::App& key, const Options& options); // below `key`
void add_block_commands(CLI::App& app, const Options& options);
void add_audit_commands(CLI::App& app, const Options& options);
void add_pepper_commands(CLI::App& app, const Options& options);
void add_logs_command(CLI::App& app, const Options& options);
void add_usage_command(CLI::App& app, const Options& options);
void add_top_command(CLI::App& app, const Options& options);
void add_node_commands(CLI::App& app, const Options& options);
void add_session_commands(CLI::App& app, const Options& options);
void add_doctor_command(CLI::App& app, const Options& options);
void add_import_command(CLI::App& app, const Options& options);
void add_export_command(CLI::App& app, const Options& options);
void add_restore_command(CLI::App& app, const Options& options);
void add_init_command(CLI::App& app, const Options& options);
void add_completion_command(CLI::App& app);
void add_manual_command(CLI::App& app);
void add_context_commands(CLI::App& app, const Options& options);
void add_help_commands(CLI::App& app);

} // namespace api_key::tool
