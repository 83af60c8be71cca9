#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text/time_text.h"
#include "tool/account_list.h"
#include "tool/commands.h"
#include "tool/output.h"
#include "tool/times.h"
#include "tool/top_usage.h"

namespace api_key::tool {

namespace {

struct TopArguments {
    std::uint64_t account = 0;
    std::int64_t last_s = 300;
    std::int64_t interval_s = 2;
    std::size_t limit = 0; // 0: as many as fit
    std::string order = "requests";
    bool once = false;
};

constexpr std::size_t usual_limit = 20;

// The lines of a terminal that are left below two headings.
std::size_t lines_of_terminal() {
    constexpr std::size_t headings = 4;
    winsize size{};
    const bool is_known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > headings;
    return is_known ? size.ws_row - headings : usual_limit;
}

std::vector<UsedKey> busiest(Session& session, const TopArguments& arguments, std::size_t limit) {
    const std::int64_t now_ms = clock_ms();
    const std::optional<UsageRange> range = fitting_range(now_ms - arguments.last_s * 1000, 0, now_ms);
    if (!range) {
        fail(exit_usage, "--last: expected a shorter time");
    }
    const UsageOrder order = usage_order_from_name(arguments.order).value_or(UsageOrder::requests);
    std::vector<std::uint64_t> accounts;
    if (arguments.account != 0) {
        accounts.push_back(arguments.account);
    } else {
        for (const store::Account& account : all_accounts(session)) {
            accounts.push_back(account.id);
        }
    }
    std::vector<UsedKey> all;
    for (const std::uint64_t account : accounts) {
        std::vector<UsedKey> keys = used_keys(session, account, *range, order, limit);
        std::move(keys.begin(), keys.end(), std::back_inserter(all));
    }
    const auto amount = [order](const UsedKey& key) {
        return order == UsageOrder::requests ? key.counts.requests : key.counts.cost_micro_credits;
    };
    std::stable_sort(all.begin(), all.end(), [&](const UsedKey& one, const UsedKey& other) { return amount(one) > amount(other); });
    all.resize(std::min(all.size(), limit));
    return all;
}

Json top_row(const UsedKey& key) {
    Json row(json_object());
    set_number(row.get(), "account", static_cast<std::int64_t>(key.account));
    set_number(row.get(), "keyId", static_cast<std::int64_t>(key.id));
    set_unless_empty(row.get(), "name", key.label.name);
    set_unless_empty(row.get(), "alias", key.label.alias);
    const std::string counts = write_counts(key.counts);
    json_object_update(row.get(), Json(json_loadb(counts.data(), counts.size(), 0, nullptr)).get());
    return row;
}

void print_top(const Options& options, Session& session, const TopArguments& arguments) {
    const Json rows(json_array());
    for (const UsedKey& key : busiest(session, arguments, arguments.limit == 0 ? lines_of_terminal() : arguments.limit)) {
        json_array_append_new(rows.get(), top_row(key).release());
    }
    print_value(options, rows,
                {"account",
                 "keyId",
                 "name",
                 "alias",
                 "requests",
                 "credits",
                 "refused",
                 {"INPUT TOKENS", "inputTokens", true},
                 {"OUTPUT TOKENS", "outputTokens", true}});
}

void watch_top(const Options& options, const TopArguments& arguments) {
    Session session(options);
    const bool is_live = !arguments.once && prints_table(options) && isatty(STDOUT_FILENO) == 1;
    if (!is_live) {
        return print_top(options, session, arguments);
    }
    for (;;) {
        fmt::print("\x1b[H\x1b[2JKeys by {}, last {} s, {}: every {} s, end with Ctrl-C\n\n", arguments.order, arguments.last_s,
                   format_rfc3339(clock_ms() / 1000 * 1000), arguments.interval_s);
        print_top(options, session, arguments);
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::seconds(arguments.interval_s));
    }
}

} // namespace

void add_top_command(CLI::App& app, const Options& options) {
    constexpr std::int64_t least_s = 60;
    constexpr std::int64_t most_s = 30 * 86'400;
    auto arguments = std::make_shared<TopArguments>();
    CLI::App* top = app.add_subcommand("top", "the keys with most requests or the highest cost, live on a terminal");
    top->add_option("--account", arguments->account, "only of this account")->check(plain_id);
    top->add_option("--by", arguments->order, "the order; by default requests")->check(CLI::IsMember({"requests", "credits"}));
    top->add_option("--last", arguments->last_s, "of this time; by default 5m")->transform(duration(least_s, most_s));
    top->add_option("--interval", arguments->interval_s, "between two looks; by default 2s")->transform(duration(1, 3600));
    top->add_option("--limit", arguments->limit, "how many keys; by default what fits the terminal, else 20")->check(CLI::Range(1, 1000));
    top->add_flag("--once", arguments->once, "one look only, as without a terminal");
    top->callback([&options, arguments] { watch_top(options, *arguments); });
}

} // namespace api_key::tool
