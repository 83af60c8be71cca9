#include "core/documents/list_query.h"

#include <algorithm>

#include "core/secrets/credential.h"
#include "core/text/next_part.h"
#include "core/text/number.h"
#include "core/text/printable.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

constexpr std::uint64_t max_limit = 1000;
constexpr std::uint64_t max_series = 100;
constexpr std::size_t max_points = 75'000; // buckets by series

// Decodes `+` and percent-encoding, as in forms.
std::string decoded(std::string_view raw) {
    std::string text(raw);
    std::replace(text.begin(), text.end(), '+', ' ');
    std::string out(text.size(), '\0');
    out.resize(percent_decode(text, out).value_or(0));
    return out;
}

std::optional<Error> read_flag(const std::string& name, std::string_view value, bool& flag) {
    flag = value == "true";
    return value == "true" || value == "false" ? std::nullopt : std::optional(Error{name, name + ": expected true or false"});
}

std::optional<Error> read_list_argument(const std::string& name, const std::string& value, ListQuery& query) {
    if (name == "type") {
        query.type = value;
    } else if (name == "category") {
        query.filter.category = value;
    } else if (name == "q") {
        query.filter.text = value;
    } else if (name == "usage") {
        return read_flag(name, value, query.usage);
    } else if (name == "active") {
        if (value != "true" && value != "false") {
            return Error{"active", "active: expected true or false"};
        }
        query.filter.active = value == "true";
    } else {
        return read_page_argument(name, value, query.page);
    }
    return std::nullopt;
}

std::optional<Error> read_audit_argument(const std::string& name, const std::string& value, AuditQuery& query) {
    if (name == "key") {
        return read_key_argument(value, query.filter.key_id);
    }
    if (name == "action") {
        query.filter.action = value;
        return std::nullopt;
    }
    if (name == "from" || name == "to") {
        return read_time_argument(name, value, name == "from" ? query.filter.from_ms : query.filter.until_ms);
    }
    if (name == "verify") {
        return read_flag(name, value, query.verify);
    }
    return read_page_argument(name, value, query.page);
}

std::optional<Error> read_log_page(const std::string& name, const std::string& value, LogQuery& query) {
    if (name == "cursor") {
        const std::optional<LogCursor> cursor = LogCursor::parse(value);
        query.before = cursor.value_or(LogCursor{});
        return cursor ? std::nullopt : std::optional(Error{"cursor", "cursor: expected the \"next\" of an earlier answer"});
    }
    Page page;
    std::optional<Error> error = read_page_argument(name, value, page);
    query.limit = name == "limit" ? page.limit : query.limit;
    return error;
}

std::optional<Error> read_log_argument(const std::string& name, const std::string& value, LogQuery& query) {
    if (name == "key") {
        return read_key_argument(value, query.filter.key_id);
    }
    if (name == "status") {
        return read_status_filter(value, query.filter) ? std::nullopt
                                                       : std::optional(Error{"status", "status: expected one, such as 404 or 4xx"});
    }
    if (name == "from" || name == "to") {
        return read_time_argument(name, value, name == "from" ? query.filter.from_ms : query.filter.until_ms);
    }
    if (name == "format") {
        query.csv = value == "csv";
        return value == "csv" || value == "json" ? std::nullopt : std::optional(Error{"format", "format: expected json or csv"});
    }
    if (name == "request_id") {
        query.filter.request_id = value;
    } else if (name == "name") {
        query.filter.label.name = value;
    } else if (name == "alias") {
        query.filter.label.alias = value;
    } else if (name == "method") {
        query.filter.method = value;
    } else if (name == "path") {
        query.filter.path_prefix = value;
    } else if (name == "model") {
        query.filter.model = value;
    } else if (name == "result") {
        query.filter.result = value;
    } else {
        return read_log_page(name, value, query);
    }
    return std::nullopt;
}

struct SeriesArguments {
    SeriesQuery query;
    UsageBucket bucket = UsageBucket::hour;
    std::int64_t from_ms = 0;
    std::int64_t until_ms = 0;
};

// `7,8`: the series of these keys.
std::optional<Error> read_key_list(std::string_view value, std::vector<std::string>& keys) {
    while (!value.empty()) {
        const std::string_view id = next_part(value, ',');
        if (whole_number(id).value_or(0) == 0 || keys.size() == max_series) {
            return Error{"key", "key: expected at most 100 ids, separated by commas"};
        }
        keys.emplace_back(id);
    }
    return keys.empty() ? std::optional(Error{"key", "key: expected at most 100 ids, separated by commas"}) : std::nullopt;
}

std::optional<Error> read_series_argument(const std::string& name, const std::string& value, SeriesArguments& series) {
    if (name == "bucket") {
        const std::optional<UsageBucket> bucket = usage_bucket_from_name(value);
        series.bucket = bucket.value_or(series.bucket);
        return bucket ? std::nullopt : std::optional(Error{"bucket", "bucket: expected minute, hour or day"});
    }
    if (name == "group_by") {
        const std::optional<UsageGroup> group = usage_group_from_name(value);
        series.query.group = group.value_or(series.query.group);
        return group ? std::nullopt : std::optional(Error{"group_by", "group_by: expected key, category or model"});
    }
    if (name == "from" || name == "to") {
        return read_time_argument(name, value, name == "from" ? series.from_ms : series.until_ms);
    }
    if (name == "limit") {
        const std::optional<std::uint64_t> number = whole_number(value);
        series.query.most = number.value_or(0);
        const bool is_good = number && *number >= 1 && *number <= max_series;
        return is_good ? std::nullopt : std::optional(Error{"limit", "limit: expected a number from 1 to 100"});
    }
    if (name == "names") {
        return read_flag(name, value, series.query.names);
    }
    if (name == "order") {
        const std::optional<UsageOrder> order = usage_order_from_name(value);
        series.query.order = order.value_or(series.query.order);
        return order ? std::nullopt : std::optional(Error{"order", "order: expected requests or credits"});
    }
    if (name == "key") {
        return read_key_list(value, series.query.only);
    }
    if (name == "category") {
        series.query.label.category = value;
    } else if (name == "alias") {
        series.query.label.alias = value;
    }
    return std::nullopt;
}

template <class Query, class Read>
Result<Query> read_query(std::string_view arguments, Read read) {
    Query query;
    for (const auto& [name, value] : query_arguments(arguments)) {
        if (auto error = read(name, value, query)) {
            return *error;
        }
    }
    return query;
}

} // namespace

std::string cursor_text(std::uint64_t before) {
    return before != 0 ? std::to_string(before) : std::string();
}

std::optional<Error> read_key_argument(const std::string& value, std::optional<std::uint64_t>& id) {
    id = whole_number(value);
    return id && *id != 0 ? std::nullopt : std::optional(Error{"key", "key: expected an id"});
}

std::optional<Error> read_time_argument(const std::string& name, const std::string& value, std::int64_t& time_ms) {
    const std::optional<std::int64_t> read = parse_rfc3339_ms(value);
    time_ms = read.value_or(0);
    return read ? std::nullopt : std::optional(Error{name, name + ": expected an RFC 3339 time, such as 2030-12-31T00:00:00Z"});
}

std::vector<std::pair<std::string, std::string>> query_arguments(std::string_view arguments) {
    std::vector<std::pair<std::string, std::string>> all;
    while (!arguments.empty()) {
        const std::size_t end = std::min(arguments.find('&'), arguments.size());
        const std::string_view member = arguments.substr(0, end);
        arguments.remove_prefix(std::min(end + 1, arguments.size()));
        if (member.empty()) {
            continue;
        }
        const std::size_t equals = std::min(member.find('='), member.size());
        all.emplace_back(decoded(member.substr(0, equals)), decoded(member.substr(std::min(equals + 1, member.size()))));
    }
    return all;
}

std::optional<Error> check_arguments(std::string_view arguments, std::span<const std::string_view> known) {
    constexpr std::size_t max_shown_length = 64;
    std::vector<std::string> seen;
    for (const auto& [name, value] : query_arguments(arguments)) {
        const std::string shown = printable(name).substr(0, max_shown_length);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return Error{shown, shown + ": no argument of this route"};
        }
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            return Error{shown, shown + ": given more than once"};
        }
        seen.push_back(name);
    }
    return std::nullopt;
}

std::optional<Error> read_page_argument(const std::string& name, const std::string& value, Page& page) {
    const std::optional<std::uint64_t> number = whole_number(value);
    if (name == "limit") {
        if (!number || *number < 1 || *number > max_limit) {
            return Error{"limit", "limit: expected a number from 1 to 1000"};
        }
        page.limit = *number;
    } else if (name == "cursor") {
        if (!number || *number == 0) {
            return Error{"cursor", "cursor: expected the \"next\" of an earlier answer"};
        }
        page.before = *number;
    } else if (name == "names") {
        return read_flag(name, value, page.names);
    }
    return std::nullopt;
}

Result<Page> read_page(std::string_view arguments) {
    return read_query<Page>(arguments, read_page_argument);
}

Result<ListQuery> read_list_query(std::string_view arguments) {
    return read_query<ListQuery>(arguments, read_list_argument);
}

Result<AuditQuery> read_audit_query(std::string_view arguments) {
    return read_query<AuditQuery>(arguments, read_audit_argument);
}

Result<LogQuery> read_log_query(std::string_view arguments) {
    return read_query<LogQuery>(arguments, read_log_argument);
}

Result<SeriesQuery> read_series_query(std::string_view arguments, std::int64_t now_ms) {
    Result<SeriesArguments> read = read_query<SeriesArguments>(arguments, read_series_argument);
    if (!read) {
        return read.error();
    }
    SeriesQuery& query = read->query;
    const std::optional<UsageRange> range = UsageRange::of(read->bucket, read->from_ms, read->until_ms, now_ms);
    if (!range) {
        return Error{"from", "from: expected a time before \"to\", at most 1500 buckets earlier"};
    }
    if ((query.label.category && query.group == UsageGroup::model) || (query.label.alias && query.group != UsageGroup::key)) {
        return Error{"group_by", "group_by: category goes with key and category, alias with key"};
    }
    if (!query.only.empty() && (query.group != UsageGroup::key || !query.label.takes_all())) {
        return Error{"key", "key: goes with group_by=key, and neither with category nor with alias"};
    }
    if (std::max(query.most, query.only.size()) * range->size() > max_points) {
        return Error{"limit",
                     "limit: at most 75000 points, which are " + std::to_string(max_points / range->size()) + " series of so many buckets"};
    }
    query.range = *range;
    if (query.group == UsageGroup::category && query.label.category) {
        query.only = {*std::exchange(query.label.category, std::nullopt)};
    }
    return std::move(query);
}

} // namespace api_key
