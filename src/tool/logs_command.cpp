#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <fmt/core.h>

#include "store/flows/request_flows.h"
#include "tool/commands.h"
#include "tool/output.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

struct LogArguments {
    std::uint64_t account = 0;
    std::uint64_t key_id = 0;
    std::string key_name;
    std::string key_alias;
    std::string request_id;
    std::string status;
    std::string method;
    std::string path;
    std::string from;
    std::string to;
    std::size_t limit = 100;
    bool follows = false;
};

const std::vector<TableColumn> log_columns{"at",
                                           "keyId",
                                           {"KEY ALIAS", "keyAlias", true},
                                           "method",
                                           "path",
                                           "status",
                                           "result",
                                           {"FIRST BYTE MS", "firstByteMs"},
                                           {"ADDRESS", "address", true},
                                           "credits",
                                           "model",
                                           {"REQUEST ID", "requestId", true}};

RequestLogFilter filter_of(const LogArguments& arguments) {
    RequestLogFilter filter;
    if (!arguments.status.empty() && !read_status_filter(arguments.status, filter)) {
        fail(exit_usage, "--status: expected one, such as 404 or 4xx");
    }
    if (arguments.key_id != 0) {
        filter.key_id = arguments.key_id;
    }
    if (!arguments.key_name.empty()) {
        filter.label.name = arguments.key_name;
    }
    if (!arguments.key_alias.empty()) {
        filter.label.alias = arguments.key_alias;
    }
    filter.request_id = arguments.request_id;
    filter.method = arguments.method;
    filter.path_prefix = arguments.path;
    filter.from_ms = time_or_none("--from", arguments.from);
    filter.until_ms = time_or_none("--to", arguments.to);
    return filter;
}

// Reads the log of one account, each time what is new.
class LogReader {
  public:
    LogReader(Session& session, std::uint64_t account, RequestLogFilter filter)
        : session_(session), account_(account), filter_(std::move(filter)) {}

    // The newest first, at most `limit` of those that were logged after the last call.
    Json read(std::size_t limit) {
        constexpr std::size_t page_limit = 1000;
        Json all(json_array());
        std::string newest;
        LogCursor before;
        do {
            const std::size_t page = std::min<std::size_t>(limit - json_array_size(all.get()), page_limit);
            store::ListRequests flow(session_.keyspace(), account_, filter_, page, before, [&](const RequestLogEntry& entry) {
                json_array_append_new(all.get(), request_object(entry).release());
            });
            flow.read_after(last_);
            session_.run(flow);
            newest = newest.empty() ? flow.newest() : newest;
            before = LogCursor::parse(flow.next_page()).value_or(LogCursor{});
        } while (!before.entry.empty() && json_array_size(all.get()) < limit);
        last_ = newest.empty() ? last_ : newest;
        return all;
    }

  private:
    Session& session_;
    std::uint64_t account_;
    RequestLogFilter filter_;
    std::string last_; // the newest entry that was read
};

// Prints the oldest first: a table goes on below its headings, all else is a document for each request.
void print_new(const Options& options, const Json& newest_first, bool is_first) {
    Json rows(json_array());
    for (std::size_t index = json_array_size(newest_first.get()); index > 0; index--) {
        json_array_append(rows.get(), json_array_get(newest_first.get(), index - 1));
    }
    if (prints_table(options)) {
        Options style = options;
        style.has_headings = options.has_headings && is_first;
        print_value(style, rows, log_columns);
    } else {
        for (std::size_t index = 0; index < json_array_size(rows.get()); index++) {
            print_value(options, Json(json_incref(json_array_get(rows.get(), index))), log_columns);
        }
    }
    std::fflush(stdout);
}

[[noreturn]] void follow(const Options& options, LogReader& reader, std::size_t limit) {
    constexpr std::size_t most_at_once = 100'000;
    constexpr auto interval = std::chrono::seconds(1); // nodes send what they log about as often
    print_new(options, reader.read(limit), true);
    for (;;) {
        std::this_thread::sleep_for(interval);
        if (const Json rows = reader.read(most_at_once); json_array_size(rows.get()) != 0) {
            print_new(options, rows, false);
        }
        if (std::ferror(stdout) != 0) {
            fail(exit_refused, "cannot write any more");
        }
    }
}

void show_logs(const Options& options, const LogArguments& arguments) {
    const RequestLogFilter filter = filter_of(arguments);
    if (arguments.follows && !arguments.to.empty()) {
        fail(exit_usage, "--follow: has no end, and does not go with --to");
    }
    Session session(options);
    LogReader reader(session, arguments.account, filter);
    if (arguments.follows) {
        follow(options, reader, arguments.limit);
    }
    session.print(reader.read(arguments.limit), log_columns);
}

} // namespace

void add_logs_command(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<LogArguments>();
    CLI::App* logs = app.add_subcommand("logs", "an account's requests, newest first");
    logs->add_option("--account", arguments->account, "the account's id")->required()->check(plain_id);
    add_time_options(*logs, arguments->from, arguments->to);
    logs->add_option("--key", arguments->key_id, "only of this key")->check(plain_id);
    logs->add_option("--name", arguments->key_name, "only of keys of this name, deleted ones too");
    logs->add_option("--alias", arguments->key_alias, "only of keys of this alias, deleted ones too");
    logs->add_option("--request-id", arguments->request_id, "only this one");
    logs->add_option("--status", arguments->status, "404, or 4xx");
    logs->add_option("--method", arguments->method, "GET, POST, …");
    logs->add_option("--path", arguments->path, "what the path begins with");
    logs->add_option("--limit", arguments->limit, "how many at most; by default 100")->check(CLI::Range(1, 1'000'000));
    logs->add_flag("-f,--follow", arguments->follows, "then go on with new ones, the newest last; JSON has a line for each");
    logs->callback([&options, arguments] { show_logs(options, *arguments); });
}

} // namespace api_key::tool
