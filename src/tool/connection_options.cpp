#include "tool/connection_options.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "tool/contexts.h"

namespace api_key::tool {

namespace {

constexpr std::array<ConnectionSetting, 10> settings{{
    {"--redis", "redis", "APIKEYCTL_REDIS",
     "redis://host:port/db, rediss:// (TLS), redis+sentinel://host,host/master, redis+cluster://host,host or unix:/path", false, false,
     [](Options& options) -> std::string& { return options.redis; }},
    {"--pepper", "pepper", "APIKEYCTL_PEPPER", "the file of api_key_pepper", true, false,
     [](Options& options) -> std::string& { return options.pepper_file; }},
    {"--plans", "plans", "APIKEYCTL_PLANS", "the file of api_key_plans: refuses plans that it does not have", true, false,
     [](Options& options) -> std::string& { return options.plans_file; }},
    {"--user", "user", "APIKEYCTL_USER", "Redis ACL user", false, false, [](Options& options) -> std::string& { return options.user; }},
    {"--password-file", "password_file", "APIKEYCTL_PASSWORD_FILE", "file with the Redis password", true, false,
     [](Options& options) -> std::string& { return options.password_file; }},
    {"--tls-ca", "tls_ca", "APIKEYCTL_TLS_CA", "certificate authorities; by default the system's", true, false,
     [](Options& options) -> std::string& { return options.tls.ca_file; }},
    {"--tls-name", "tls_name", "APIKEYCTL_TLS_NAME", "that the server's certificate is for; by default its host", false, false,
     [](Options& options) -> std::string& { return options.tls.name; }},
    {"--tls-cert", "tls_cert", "APIKEYCTL_TLS_CERT", "certificate of this client", true, false,
     [](Options& options) -> std::string& { return options.tls.certificate_file; }},
    {"--tls-key", "tls_key", "APIKEYCTL_TLS_KEY", "its private key", true, false,
     [](Options& options) -> std::string& { return options.tls.key_file; }},
    {"--key-prefix", "key_prefix", "APIKEYCTL_KEY_PREFIX", "the prefix= of api_key_redis, by default ak:", false, false,
     [](Options& options) -> std::string& { return options.prefix; }},
}};

constexpr ConnectionSetting no_verify{
    "--tls-no-verify", "tls_no_verify", "APIKEYCTL_TLS_NO_VERIFY", "accept any certificate", false, true, nullptr};

constexpr const char* context_variable = "APIKEYCTL_CONTEXT";
constexpr const char* config_variable = "APIKEYCTL_CONFIG";

std::string variable_value(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// What the command line does not say.
class Remaining {
  public:
    Remaining(const ContextValues& context, bool is_explicit) : context_(context), is_explicit_(is_explicit) {}

    void set(const ConnectionSetting& setting, std::string& text) const {
        const auto found = context_.find(setting.name);
        const std::string variable = variable_value(setting.variable);
        if (found != context_.end() && (is_explicit_ || variable.empty())) {
            text = std::get<std::string>(found->second);
        } else if (!variable.empty()) {
            text = variable;
        }
    }
    bool is_on(const ConnectionSetting& setting) const {
        const auto found = context_.find(setting.name);
        const std::string variable = variable_value(setting.variable);
        if (found != context_.end() && (is_explicit_ || variable.empty())) {
            return std::get<bool>(found->second);
        }
        return !variable.empty() && variable != "0";
    }

  private:
    const ContextValues& context_;
    bool is_explicit_;
};

// These work with a configuration file that is wrong, too.
bool is_offline(const std::string& command) {
    return command == "completion" || command == "manual" || command == "version" || command == "help";
}

void complete(const CLI::App& app, Options& options) {
    const Contexts contexts = read_contexts(options.config_file);
    const bool is_explicit = !options.context.empty();
    for (const std::string& name : {variable_value(context_variable), contexts.current}) {
        options.context = options.context.empty() ? name : options.context;
    }
    const ContextValues none;
    const Remaining remaining(options.context.empty() ? none : context_named(contexts, options.context), is_explicit);
    for (const ConnectionSetting& setting : settings) {
        if (app.count(setting.option) == 0) {
            remaining.set(setting, setting.text(options));
        }
    }
    if (app.count(no_verify.option) == 0 && remaining.is_on(no_verify)) {
        options.tls.verify = false;
    }
}

} // namespace

const ConnectionSetting* find_setting(std::string_view name) {
    if (name == no_verify.name) {
        return &no_verify;
    }
    const auto* found = std::find_if(settings.begin(), settings.end(), [&](const ConnectionSetting& one) { return name == one.name; });
    return found == settings.end() ? nullptr : found;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (const ConnectionSetting& setting : settings) {
        names.emplace_back(setting.name);
    }
    names.emplace_back(no_verify.name);
    return names;
}

std::string variable_of_option(std::string_view option) {
    if (option == "--context" || option == "--config") {
        return option == "--context" ? context_variable : config_variable;
    }
    for (const ConnectionSetting& setting : settings) {
        if (option == setting.option) {
            return setting.variable;
        }
    }
    return option == no_verify.option ? no_verify.variable : std::string();
}

void add_connection_options(CLI::App& app, Options& options) {
    for (const ConnectionSetting& setting : settings) {
        CLI::Option* option = app.add_option(setting.option, setting.text(options), setting.words);
        if (setting.is_file) {
            option->type_name("FILE");
        }
    }
    app.add_flag(std::string("!") + no_verify.option, options.tls.verify, no_verify.words);
    app.add_option("--context", options.context, "a connection of the configuration file");
    app.add_option("--config", options.config_file, "configuration file, by default ~/.config/apikeyctl/config.toml")->type_name("FILE");
    app.parse_complete_callback([&app, &options] {
        const std::vector<CLI::App*> command = app.get_subcommands();
        if (!command.empty() && !is_offline(command.front()->get_name())) {
            complete(app, options);
        }
    });
}

} // namespace api_key::tool
