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

std::optional<Error> read_list_argument(const std::string& name, const std::string& value, ListQuery& query) {
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
    } else {
        return read_page_argument(name, value, query.page);
    }
    return std::nullopt;
}

} // namespace

std::vector<std::pair<std::string, std::string>> query_arguments(std::string_view arguments) {
    std::vector<std::pair<std::string, std::string>> all;
    while (!arguments.empty()) {
        const std::size_t end = std::min(arguments.find('&'), arguments.size());
        const std::string_view member = arguments.substr(0, end);
        arguments.remove_prefix(std::min(end + 1, arguments.size()));
        const std::size_t equals = std::min(member.find('='), member.size());
        all.emplace_back(decoded(member.substr(0, equals)), decoded(member.substr(std::min(equals + 1, member.size()))));
    }
    return all;
}

std::optional<Error> read_page_argument(const std::string& name, const std::string& value, Page& page) {
    const std::optional<std::uint64_t> number = store::whole_number(value);
    if (name == "limit") {
        if (!number || *number < 1 || *number > largest_limit) {
            return Error{"limit", "limit: expected a number from 1 to 1000"};
        }
        page.limit = *number;
    } else if (name == "cursor") {
        if (!number || *number == 0) {
            return Error{"cursor", "cursor: expected the \"next\" of an earlier answer"};
        }
        page.before = *number;
    }
    return std::nullopt;
}

Result<Page> read_page(std::string_view arguments) {
    Page page;
    for (const auto& [name, value] : query_arguments(arguments)) {
        if (auto error = read_page_argument(name, value, page)) {
            return *error;
        }
    }
    return page;
}

Result<ListQuery> read_list_query(std::string_view arguments) {
    ListQuery query;
    for (const auto& [name, value] : query_arguments(arguments)) {
        if (auto error = read_list_argument(name, value, query)) {
            return *error;
        }
    }
    return query;
}

} // namespace api_key::module
