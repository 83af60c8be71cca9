#include "module/list_query.h"

#include <algorithm>

#include "core/credential.h"
#include "store/replies.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t largest_limit = 1000;

// `+` and percent-encoding, as forms write them.
std::string decoded(std::string_view raw) {
    std::string text(raw);
    std::replace(text.begin(), text.end(), '+', ' ');
    std::string out(text.size(), '\0');
    out.resize(percent_decode(text, out).value_or(0));
    return out;
}

std::optional<Error> read_argument(std::string_view name, const std::string& value, ListQuery& query) {
    if (name == "type") {
        query.type = value;
    } else if (name == "category") {
        query.filter.category = value;
    } else if (name == "q") {
        query.filter.text = value;
    } else if (name == "active") {
        if (value != "true" && value != "false") {
            return Error{"active", "active: expected true or false"};
        }
        query.filter.active = value == "true";
    } else if (name == "limit") {
        const std::optional<std::uint64_t> limit = store::whole_number(value);
        if (!limit || *limit < 1 || *limit > largest_limit) {
            return Error{"limit", "limit: expected a number from 1 to 1000"};
        }
        query.limit = *limit;
    } else if (name == "cursor") {
        const std::optional<std::uint64_t> before = store::whole_number(value);
        if (!before || *before == 0) {
            return Error{"cursor", "cursor: expected the \"next\" of an earlier answer"};
        }
        query.before = *before;
    }
    return std::nullopt;
}

} // namespace

Result<ListQuery> read_list_query(std::string_view arguments) {
    ListQuery query;
    while (!arguments.empty()) {
        const std::size_t end = std::min(arguments.find('&'), arguments.size());
        const std::string_view member = arguments.substr(0, end);
        arguments.remove_prefix(std::min(end + 1, arguments.size()));
        const std::size_t equals = std::min(member.find('='), member.size());
        const std::string_view raw_value = member.substr(std::min(equals + 1, member.size()));
        if (auto error = read_argument(decoded(member.substr(0, equals)), decoded(raw_value), query)) {
            return *error;
        }
    }
    return query;
}

} // namespace api_key::module
