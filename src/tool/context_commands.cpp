#include "tool/commands.h"
#include "tool/contexts.h"
#include "tool/output.h"

namespace api_key::tool {

namespace {

void list_contexts(const Options& options) {
    const Contexts contexts = read_contexts(options.config_file);
    Json array(json_array());
    for (const auto& [name, values] : contexts.by_name) {
        json_t* row = json_object();
        set(row, "name", name);
        json_object_set_new(row, "current", json_boolean(name == options.context));
        for (const char* member : {"redis", "user", "pepper"}) {
            if (const auto value = values.find(member); value != values.end()) {
                set(row, member, std::get<std::string>(value->second));
            }
        }
        json_array_append_new(array.get(), row);
    }
    print_value(options, array, {"name", "current", "redis", "user", "pepper"});
}

} // namespace

void add_context_commands(CLI::App& app, const Options& options) {
    CLI::App* context = app.add_subcommand("context", "connections of the configuration file")->require_subcommand(1);
    context->add_subcommand("list", "all contexts, and which is the current one")->callback([&options] { list_contexts(options); });
}

} // namespace api_key::tool
