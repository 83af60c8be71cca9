// Finds the credential of a request, reads it and removes it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace api_key {

// The token of `Bearer <token>`: the scheme in any case, one or more spaces, the token without surrounding spaces.
// Nothing when the scheme is another. An empty token is an empty view.
std::optional<std::string_view> bearer_token(std::string_view authorization);

// Percent-decodes into `out` (at most out.size() bytes); nothing when the result does not fit. A `%` without two hex digits stays as it is.
std::optional<std::size_t> percent_decode(std::string_view text, std::span<char> out);

// A match in a query string: a `name=value` whose decoded name is one of `names` (compared case-sensitively).
struct QueryMatch {
    std::size_t begin; // of `name=value` in the query, without `&`
    std::size_t end;
    std::string_view raw_value; // still percent-encoded; empty without `=`
};

// Calls `found` for each match in order. A name longer than 64 decoded characters never matches.
void for_each_query_match(std::string_view query, std::span<const std::string_view> names,
                          const std::function<void(const QueryMatch&)>& found);

// True when the query could name one of `names` at all: cheap, no decoding unless a `%` is there.
bool query_has_match(std::string_view query, std::span<const std::string_view> names);

// The query without the matching members; the other members byte for byte as they were. `out` has at least query.size() bytes.
// Returns the length written.
std::size_t remove_query_matches(std::string_view query, std::span<const std::string_view> names, std::span<char> out);

// The query with the matching members' values replaced by `***` (an empty value stays empty). May be longer than before.
std::string mask_query_matches(std::string_view query, std::span<const std::string_view> names);

// The same for a whole URI, an address in Referer, or a request line (`GET /v1?key=… HTTP/1.1`). Nothing when there is nothing to mask.
std::optional<std::string> mask_uri(std::string_view uri, std::span<const std::string_view> names);

} // namespace api_key
