// The arguments of the management API's routes: unknown and repeated ones and wrong values are errors that name them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/logs/audit_filter.h"
#include "core/logs/request_log.h"
#include "core/logs/usage_series.h"
#include "core/policy/key_filter.h"
#include "core/text/result.h"

namespace api_key {

struct Page {
    std::size_t limit = 100;
    std::uint64_t before = 0; // 0: from the newest on
    bool names = false;       // with the names of the keys in it
};

struct ListQuery {
    KeyFilter filter; // without types
    std::optional<std::string> type;
    bool usage = false; // with what each key has used
    Page page;
};

struct AuditQuery {
    AuditFilter filter;
    Page page;
    bool verify = false;
};

struct LogQuery {
    RequestLogFilter filter;
    std::size_t limit = 100;
    LogCursor before;
    bool csv = false;
};

// The cursor of the page that begins before this number; empty for 0: there is none.
std::string cursor_text(std::uint64_t before);

// Names and values, decoded.
std::vector<std::pair<std::string, std::string>> query_arguments(std::string_view arguments);

// Nothing if each argument is known and comes once.
std::optional<Error> check_arguments(std::string_view arguments, std::span<const std::string_view> known);

// `key`, an id. RFC 3339 `from` (inclusive) and `to` (exclusive), in unix milliseconds.
std::optional<Error> read_key_argument(const std::string& value, std::optional<std::uint64_t>& id);
std::optional<Error> read_time_argument(const std::string& name, const std::string& value, std::int64_t& time_ms);

// `limit` and `cursor`.
std::optional<Error> read_page_argument(const std::string& name, const std::string& value, Page& page);

Result<Page> read_page(std::string_view arguments);
Result<AuditQuery> read_audit_query(std::string_view arguments);
Result<LogQuery> read_log_query(std::string_view arguments);
Result<SeriesQuery> read_series_query(std::string_view arguments, std::int64_t now_ms);
Result<ListQuery> read_list_query(std::string_view arguments);

} // namespace api_key
