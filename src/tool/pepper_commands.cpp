#include <memory>

#include "store/flows/pepper_flows.h"
#include "tool/caution.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

void list_versions(const Options& options) {
    Session session(options);
    const Peppers peppers = session.read_pepper();
    store::CheckPeppers flow(session.keyspace(), peppers);
    session.run(flow);
    Json array(json_array());
    for (std::size_t index = 0; index < peppers.size(); index++) {
        const auto known = flow.known().find(peppers.version(index));
        json_t* row = json_object();
        set_number(row, "version", peppers.version(index));
        set(row, "state", known == flow.known().end() ? "unknown" : known->second == peppers.fingerprint(index) ? "ok" : "wrong");
        json_array_append_new(array.get(), row);
    }
    session.print(array, {"version", "state"});
}

void register_them(const Options& options, const Caution& caution) {
    Session session(options);
    const Peppers peppers = session.read_pepper();
    ask_or_refuse(caution, "all nodes must have this pepper, others answer 503 from then on");
    Author author;
    author.peppers = &peppers;
    author.name = "apikeyctl";
    author.now_ms = clock_ms();
    store::SetPeppers flow(session.keyspace(), std::move(author));
    session.run(flow);
    list_versions(options);
}

} // namespace

void add_pepper_commands(CLI::App& app, const Options& options) {
    auto caution = std::make_shared<Caution>();
    CLI::App* pepper = app.add_subcommand("pepper", "compare the pepper file with what Redis knows of it")->require_subcommand(1);
    pepper->add_subcommand("list", "the file's versions, and whether the store knows them")->callback([&options] {
        list_versions(options);
    });
    CLI::App* registering = pepper->add_subcommand("register", "make the file's versions known as they are, over what was known of them");
    add_yes(*registering, *caution);
    registering->callback([&options, caution] { register_them(options, *caution); });
}

} // namespace api_key::tool
