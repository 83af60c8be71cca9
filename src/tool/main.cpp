// apikeyctl: the operator's tool, which talks to Redis directly.
#include <csignal>
#include <system_error>

#include "core/text/version.h"
#include "tool/command_line.h"
#include "tool/commands.h"

int main(int argc, char** argv) {
    using namespace api_key::tool;
    std::signal(SIGPIPE, SIG_IGN); // a closed connection is an error, it must not kill the tool
    CLI::App app("Manages the accounts and keys of the nginx API-key module, straight in Redis.", "apikeyctl");
    Options options;
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", "apikeyctl " + std::string(api_key::version), "print the version");
    app.set_help_flag("-h,--help", "print this help");
    app.add_option("--redis", options.redis,
                   "redis://host:port/db, rediss:// (TLS), redis+sentinel://host,host/master, redis+cluster://host,host or unix:/path")
        ->envname("APIKEYCTL_REDIS");
    app.add_option("--pepper", options.pepper_file, "the file of api_key_pepper")->type_name("FILE")->envname("APIKEYCTL_PEPPER");
    app.add_option("--plans", options.plans_file, "the file of api_key_plans: refuses plans that it does not have")
        ->type_name("FILE")
        ->envname("APIKEYCTL_PLANS");
    app.add_option("--user", options.user, "Redis ACL user")->envname("APIKEYCTL_USER");
    app.add_option("--password-file", options.password_file, "file with the Redis password")
        ->type_name("FILE")
        ->envname("APIKEYCTL_PASSWORD_FILE");
    app.add_option("--tls-ca", options.tls.ca_file, "certificate authorities; by default the system's")->type_name("FILE");
    app.add_option("--tls-name", options.tls.name, "that the server's certificate is for; by default its host");
    app.add_option("--tls-cert", options.tls.certificate_file, "certificate of this client")->type_name("FILE");
    app.add_option("--tls-key", options.tls.key_file, "its private key")->type_name("FILE");
    app.add_flag("!--tls-no-verify", options.tls.verify, "take any certificate");
    app.add_option("--key-prefix", options.prefix, "the prefix= of api_key_redis, by default ak:");
    app.add_option("-o,--output", options.output, "table or json; by default a table on a terminal")
        ->check(CLI::IsMember({"table", "json"}));
    app.add_flag("--json{json}", options.output, "the same as -o json");
    add_account_commands(app, options);
    add_key_commands(app, options);
    add_block_commands(app, options);
    add_audit_commands(app, options);
    add_pepper_commands(app, options);
    add_record_commands(app, options);
    add_doctor_command(app, options);
    add_import_command(app, options);
    add_export_command(app, options);
    add_restore_command(app, options);
    add_init_command(app, options);
    add_completion_command(app);
    add_manual_command(app);
    add_help_commands(app);
    try {
        return run_command_line(app, argc, argv);
    } catch (const std::system_error&) { // fmt's, when whoever reads the output has ended, as head does
        return exit_refused;
    }
}
