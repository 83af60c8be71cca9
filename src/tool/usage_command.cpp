#include <algorithm>
#include <memory>

#include "store/flows/series_flow.h"
#include "tool/commands.h"
#include "tool/output.h"
#include "tool/times.h"

namespace api_key::tool {

namespace {

struct UsageArguments {
    std::uint64_t account = 0;
    std::string from;
    std::string to;
    std::string group = "key";
    std::string bucket = "hour";
};

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

void show_usage(const Options& options, const UsageArguments& arguments) {
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

void add_usage_command(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<UsageArguments>();
    CLI::App* usage = app.add_subcommand("usage", "usage of an account over time");
    usage->add_option("--account", arguments->account, "the account's id")->required()->check(plain_id);
    add_time_options(*usage, arguments->from, arguments->to);
    usage->add_option("--group-by", arguments->group, "one series for each of these")->check(CLI::IsMember({"key", "category", "model"}));
    usage->add_option("--bucket", arguments->bucket, "width of a point")->check(CLI::IsMember({"minute", "hour", "day"}));
    usage->callback([&options, arguments] { show_usage(options, *arguments); });
}

} // namespace api_key::tool
