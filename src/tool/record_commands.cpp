#include <algorithm>
#include <memory>

#include "store/flows/request_flows.h"
#include "store/flows/series_flow.h"
#include "tool/commands.h"
#include "tool/output.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

struct RecordArguments {
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
    std::string group = "key";
    std::string bucket = "hour";
};

void list_logs(const Options& options, const RecordArguments& arguments) {
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
    Session session(options);
    Json all(json_array());
    LogCursor before;
    do {
        const std::size_t page = std::min<std::size_t>(arguments.limit - json_array_size(all.get()), 1000);
        store::ListRequests flow(session.keyspace(), arguments.account, filter, page, before,
                                 [&](const RequestLogEntry& entry) { json_array_append_new(all.get(), request_object(entry).release()); });
        session.run(flow);
        before = LogCursor::parse(flow.next_page()).value_or(LogCursor{});
    } while (!before.entry.empty() && json_array_size(all.get()) < arguments.limit);
    session.print(all, {"at",
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
                        {"REQUEST ID", "requestId", true}});
}

// One row for each name and bucket that is not empty.
Json rows_of(const Json& series) {
    Json rows(json_array());
    std::size_t index = 0;
    json_t* one = nullptr;
    json_array_foreach(json_object_get(series.get(), "series"), index, one) {
        std::size_t at = 0;
        json_t* point = nullptr;
        json_array_foreach(json_object_get(one, "points"), at, point) {
            Json row(json_deep_copy(one));
            json_object_del(row.get(), "points");
            json_object_del(row.get(), "total");
            json_object_update(row.get(), point);
            json_array_append_new(rows.get(), row.release());
        }
    }
    return rows;
}

void show_usage(const Options& options, const RecordArguments& arguments) {
    const UsageGroup group = usage_group_from_name(arguments.group).value_or(UsageGroup::key);
    const std::int64_t now_ms = clock_ms();
    const std::optional<UsageRange> range =
        UsageRange::of(usage_bucket_from_name(arguments.bucket).value_or(UsageBucket::hour), time_or_none("--from", arguments.from),
                       time_or_none("--to", arguments.to), now_ms);
    if (!range) {
        fail(exit_usage, "--from: expected a time before --to, at most 1500 buckets earlier");
    }
    Session session(options);
    SeriesQuery query;
    query.range = *range;
    query.group = group;
    query.most = store::ReadSeries::max_names;
    store::ReadSeries flow(session.keyspace(), arguments.account, std::move(query));
    session.run(flow);
    std::string text;
    for (const std::string& piece : write_series(std::move(flow.series()), *range, group)) {
        text += piece;
    }
    const Json series(json_loadb(text.data(), text.size(), 0, nullptr));
    const std::string column = group == UsageGroup::key ? "keyId" : arguments.group;
    if (prints_table(options)) {
        session.print(rows_of(series), {column.c_str(), "at", "requests", "refused", "inputTokens", "outputTokens", "credits"});
    } else {
        session.print(series);
    }
}

} // namespace

void add_record_commands(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<RecordArguments>();
    const auto add = [&](const char* name, const char* what, auto run) {
        CLI::App* command = app.add_subcommand(name, what);
        command->add_option("--account", arguments->account, "the account's id")->required()->check(plain_id);
        command->add_option("--from", arguments->from, "only after this: 1h, 7d, yesterday, a date or an RFC 3339 time")->type_name("TIME");
        command->add_option("--to", arguments->to, "only before this; likewise")->type_name("TIME");
        command->callback([&options, arguments, run] { run(options, *arguments); });
        return command;
    };
    CLI::App* logs = add("logs", "an account's requests, newest first", list_logs);
    logs->add_option("--key", arguments->key_id, "only of this key")->check(plain_id);
    logs->add_option("--name", arguments->key_name, "only of keys of this name, deleted ones too");
    logs->add_option("--alias", arguments->key_alias, "only of keys of this alias, deleted ones too");
    logs->add_option("--request-id", arguments->request_id, "only this one");
    logs->add_option("--status", arguments->status, "404, or 4xx");
    logs->add_option("--method", arguments->method, "GET, POST, …");
    logs->add_option("--path", arguments->path, "what the path begins with");
    logs->add_option("--limit", arguments->limit, "how many at most; by default 100")->check(CLI::Range(1, 1'000'000));
    CLI::App* usage = add("usage", "usage of an account over time", show_usage);
    usage->add_option("--group-by", arguments->group, "key, category or model")->check(CLI::IsMember({"key", "category", "model"}));
    usage->add_option("--bucket", arguments->bucket, "minute, hour or day")->check(CLI::IsMember({"minute", "hour", "day"}));
}

} // namespace api_key::tool
