#include "tool/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <unistd.h>

#include "core/policy/plans.h"
#include "core/text/number.h"
#include "core/text/utf8.h"
#include "store/flows/node_flows.h"
#include "store/flows/pepper_flows.h"
#include "store/replies.h"
#include "tool/output.h"

namespace api_key::tool {

namespace {

store::BlockingRunner connect(const Options& options) {
    if (options.redis.empty()) {
        fail(exit_usage, "no store named: use --redis URL or APIKEYCTL_REDIS");
    }
    const Result<store::Location> location = store::parse_location(options.redis);
    if (!location) {
        fail(exit_usage, "--redis: " + location.error().message);
    }
    if (options.tls.any() && !location->tls) {
        fail(exit_usage, "--tls-… needs a rediss:// URL");
    }
    if (options.tls.certificate_file.empty() != options.tls.key_file.empty()) {
        fail(exit_usage, "--tls-cert and --tls-key need each other");
    }
    store::Access access{*location, options.user, {}, options.tls};
    if (!options.password_file.empty()) {
        access.password = read_file(options.password_file);
        access.password.resize(std::min(access.password.find_first_of("\r\n"), access.password.size()));
    }
    Result<store::BlockingRunner> runner = store::BlockingRunner::connect(access);
    if (!runner) {
        fail(exit_unreachable, "the store cannot be reached: " + runner.error().message);
    }
    return std::move(*runner);
}

const char* conflict_message(store::Conflict conflict) {
    switch (conflict) {
    case store::Conflict::alias_taken:
        return "another key of this account has this alias";
    case store::Conflict::key_was_used:
        return "a key that was used cannot be deleted";
    case store::Conflict::account_inactive:
        return "this account is inactive";
    case store::Conflict::idempotency_mismatch:
        return "this reference was used for something else";
    case store::Conflict::balance_too_large:
        return "the balance would be above 9000000000 credits, the most that an account may have";
    case store::Conflict::too_much:
        return "these are more counters than are read at once: ask for less time, or larger buckets";
    case store::Conflict::too_often:
    case store::Conflict::too_many:
    case store::Conflict::hold_lost:
    case store::Conflict::record_changed:
    case store::Conflict::none:
        break;
    }
    return "refused";
}

} // namespace

const CLI::Validator plain_id(
    [](std::string& text) {
        const std::optional<std::uint64_t> id = whole_number(text);
        return id && *id != 0 && std::to_string(*id) == text ? std::string() : "expected a plain decimal number of 1 or more";
    },
    "ID");

void fail(ExitCode code, const std::string& message) {
    fmt::print(stderr, "apikeyctl: {}\n", message);
    std::exit(code);
}

std::string read_file(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(path == "-" ? nullptr : std::fopen(path.c_str(), "rbe"), std::fclose);
    std::FILE* file = path == "-" ? stdin : opened.get();
    std::string text;
    std::array<char, 65536> bytes{};
    for (std::size_t size = 0; file != nullptr && (size = std::fread(bytes.data(), 1, bytes.size(), file)) > 0;) {
        text.append(bytes.data(), size);
    }
    if (file == nullptr || std::ferror(file) != 0) {
        fail(exit_usage, fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
    }
    return text;
}

void check_plan(const Options& options, const std::string& plan) {
    if (plan.size() > 64 || !is_plain_text(plan)) {
        fail(exit_usage, "a plan's name has at most 64 bytes without control characters");
    }
    if (options.plans_file.empty() || plan.empty()) {
        return;
    }
    const Result<Plans> plans = Plans::parse(read_file(options.plans_file));
    if (!plans) {
        fail(exit_usage, options.plans_file + ": " + plans.error().message);
    }
    if (plans->find(plan) == nullptr) {
        fail(exit_usage, fmt::format("{} has no plan \"{}\"", options.plans_file, plan));
    }
}

std::string account_named(std::uint64_t id) {
    return "account " + std::to_string(id);
}

std::string key_named(std::uint64_t id) {
    return "key " + std::to_string(id);
}

std::int64_t clock_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Session::Session(const Options& options) : options_(options), keyspace_(options.prefix), runner_(connect(options)) {}

void Session::run(store::Flow& flow, const std::string& what) {
    runner_.run(flow);
    switch (flow.outcome()) {
    case store::Outcome::done:
        return;
    case store::Outcome::not_found:
        fail(exit_refused, what.empty() ? "not found" : what + " not found");
    case store::Outcome::conflict:
        fail(exit_refused, conflict_message(flow.conflict()));
    case store::Outcome::unavailable:
        break;
    }
    fail(exit_unreachable, "the store failed: " + flow.reason());
}

void Session::wait_for_nodes(std::uint64_t sequence) {
    constexpr std::int64_t max_ms = 1000;
    std::vector<store::LateNode> behind;
    for (const std::int64_t end_ms = clock_ms() + max_ms; sequence != 0;) {
        store::LateNodes flow(keyspace_, sequence, {});
        run(flow);
        behind = flow.nodes();
        const bool all_silent = std::all_of(behind.begin(), behind.end(), [](const store::LateNode& node) { return node.silent; });
        if (all_silent || clock_ms() >= end_ms) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (const store::LateNode& node : behind) {
        fmt::print(stderr, "apikeyctl: node {} has not confirmed the change: it may act on what was before for a while\n", node.name);
    }
}

Peppers Session::read_pepper() const {
    if (options_.pepper_file.empty()) {
        fail(exit_usage, "no pepper named: use --pepper FILE or APIKEYCTL_PEPPER");
    }
    Result<Peppers> peppers = Peppers::parse(read_file(options_.pepper_file));
    if (!peppers) {
        const std::string& where = peppers.error().field;
        fail(exit_usage, fmt::format("{}{}{}: {}", options_.pepper_file, where.empty() ? "" : ", ", where, peppers.error().message));
    }
    return std::move(*peppers);
}

const Peppers& Session::checked_pepper() {
    if (peppers_) {
        return *peppers_;
    }
    peppers_.emplace(read_pepper());
    store::CheckPeppers flow(keyspace_, *peppers_);
    run(flow);
    if (flow.verdict().state == PepperVerdict::State::wrong) {
        fail(exit_refused, fmt::format("{}: {}; nothing was changed", options_.pepper_file, flow.verdict().problem));
    }
    if (flow.verdict().state == PepperVerdict::State::unproven && !flow.is_empty()) {
        fail(exit_refused,
             fmt::format("{}: nothing in the store shows that this is its pepper; \"apikeyctl pepper register --yes\" says that "
                         "it is; nothing was changed",
                         options_.pepper_file));
    }
    return *peppers_;
}

Author Session::author() {
    Author author;
    author.peppers = &checked_pepper();
    author.name = "apikeyctl";
    author.now_ms = clock_ms();
    return author;
}

void Session::print(const Json& value, const std::vector<TableColumn>& columns) const {
    print_value(options_, value, columns);
}

} // namespace api_key::tool
