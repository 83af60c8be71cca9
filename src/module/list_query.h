// The arguments of the management API's lists. Unknown ones are ignored, as nginx does; wrong values of known ones are errors that name
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "store/list_flow.h"

namespace api_key::module {

struct Page {
    std::size_t limit = 100;
    std::uint64_t before = 0; // 0: from the newest on
};

struct ListQuery {
    store::KeyFilter filter; // without types
    std::optional<std::string> type;
    Page page;
};

// Names and values, decoded.
std::vector<std::pair<std::string, std::string>> query_arguments(std::string_view arguments);

// `limit` and `cursor`; others are nobody's here.
std::optional<Error> read_page_argument(const std::string& name, const std::string& value, Page& page);

Result<Page> read_page(std::string_view arguments);
Result<ListQuery> read_list_query(std::string_view arguments);

} // namespace api_key::module
