#include "tool/caution.h"

#include <array>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

#include "core/text/time_text.h"
#include "tool/output.h"

namespace api_key::tool {

namespace {

bool is_terminal() {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool is_answered_yes(const std::string& question) {
    fmt::print(stderr, "{} [y/N] ", question);
    std::fflush(stderr);
    std::array<char, 64> line{};
    if (std::fgets(line.data(), line.size(), stdin) == nullptr) {
        fmt::print(stderr, "\n");
        return false;
    }
    const std::string answer = line.data();
    return answer == "y\n" || answer == "Y\n" || answer == "yes\n" || answer == "YES\n";
}

} // namespace

void add_yes(CLI::App& command, Caution& caution) {
    command.add_flag("-y,--yes", caution.yes, "do not ask");
}

void add_dry_run(CLI::App& command, Caution& caution) {
    command.add_flag("--dry-run", caution.dry_run, "check all of it, show what would be, and change nothing");
}

void ask(const Caution& caution, const std::string& question) {
    if (!caution.yes && is_terminal() && !is_answered_yes(question)) {
        fail(exit_refused, "nothing was changed");
    }
}

void ask_or_refuse(const Caution& caution, const std::string& why) {
    if (!caution.yes && !is_terminal()) {
        fail(exit_usage, why + ": --yes says that this is meant");
    }
    ask(caution, why + ". Go on?");
}

void print_dry_run(const Session& session, const Json& would_be) {
    session.print(would_be);
    fmt::print(stderr, "apikeyctl: a dry run: nothing was changed\n");
}

std::string described(const KeyRecord& key) {
    return fmt::format("key {} \"{}\", {}", key.id, shown_text(key.name),
                       key.last_used_ms == 0 ? "never used" : "last used " + format_rfc3339(key.last_used_ms / 1000 * 1000));
}

} // namespace api_key::tool
