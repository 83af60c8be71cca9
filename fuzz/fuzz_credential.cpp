// Any bytes as an Authorization header and as a query string.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "check.h"
#include "core/secrets/credential.h"

namespace {

using namespace api_key;

constexpr std::array<std::string_view, 3> names{"key", "api_key", "a b"};

std::vector<std::string> members(std::string_view query) {
    std::vector<std::string> result(1);
    for (const char c : query) {
        if (c == '&') {
            result.emplace_back();
        } else {
            result.back() += c;
        }
    }
    return result;
}

std::string joined(const std::vector<std::string>& members) {
    std::string query;
    for (std::size_t index = 0; index < members.size(); index++) {
        query += (index != 0 ? "&" : "") + members[index];
    }
    return query;
}

void check_bearer(std::string_view text) {
    const std::optional<std::string_view> token = bearer_token(text);
    if (token) {
        MUST_HOLD(lies_within(*token, text) && text.size() >= 6 + token->size());
        MUST_HOLD(token->empty() || (token->front() != ' ' && token->back() != ' '));
    }
    const std::string header = "bEARER  " + std::string(text);
    MUST_HOLD(bearer_token(header).has_value());
}

void check_decode(std::string_view text) {
    std::vector<char> out(text.size());
    const std::optional<std::size_t> size = percent_decode(text, out);
    MUST_HOLD(size && *size <= text.size());
    MUST_HOLD(text.find('%') != std::string_view::npos || std::string_view(out.data(), *size) == text);
    std::vector<char> exact(*size);
    MUST_HOLD(percent_decode(text, exact) == size);
    if (*size != 0) {
        std::vector<char> too_small(*size - 1);
        MUST_HOLD(!percent_decode(text, too_small));
    }
}

void check_query(std::string_view query) {
    // the members that do not match, and all of them as they look when masked
    const std::vector<std::string> all = members(query);
    std::vector<std::string> others;
    std::vector<std::string> masked;
    std::vector<std::size_t> begins;
    for_each_query_match(query, names, [&](const QueryMatch& match) {
        MUST_HOLD(match.begin < match.end && match.end <= query.size());
        MUST_HOLD(lies_within(match.raw_value, query.substr(match.begin, match.end - match.begin)));
        begins.push_back(match.begin);
    });
    std::size_t begin = 0;
    std::size_t next_match = 0;
    for (const std::string& member : all) {
        const bool is_match = next_match < begins.size() && begins[next_match] == begin;
        next_match += is_match ? 1 : 0;
        const std::size_t equals = member.find('=');
        const bool has_value = equals != std::string::npos && equals + 1 < member.size();
        masked.push_back(is_match && has_value ? member.substr(0, equals + 1) + "***" : member);
        if (!is_match) {
            others.push_back(member);
        }
        begin += member.size() + 1;
    }
    MUST_HOLD(next_match == begins.size());
    MUST_HOLD(query_has_match(query, names) == !begins.empty());

    std::vector<char> out(query.size());
    const std::string removed(out.data(), remove_query_matches(query, names, out));
    MUST_HOLD(removed == joined(others));
    MUST_HOLD(!query_has_match(removed, names));
    MUST_HOLD(mask_query_matches(query, names) == joined(masked));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_bearer(text);
    check_decode(text);
    check_query(text);
    // found wherever it stands
    const std::string with_key = std::string(text) + "&k%65y=secret-value&" + std::string(text);
    MUST_HOLD(query_has_match(with_key, names));
    check_query(with_key);
    return 0;
}
