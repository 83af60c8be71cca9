// The arguments of `GET /api/keys`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "store/list_flow.h"

namespace api_key::module {

struct ListQuery {
    store::KeyFilter filter; // without types
    std::optional<std::string> type;
    std::size_t limit = 100;
    std::uint64_t before = 0;
};

// Unknown arguments are ignored, as nginx does; wrong values of known ones are errors that name them.
Result<ListQuery> read_list_query(std::string_view arguments);

} // namespace api_key::module
