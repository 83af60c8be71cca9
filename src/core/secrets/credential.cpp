#include "core/secrets/credential.h"

#include <algorithm>
#include <array>

#include "core/text/hex.h"

namespace api_key {

namespace {

constexpr std::size_t max_name_length = 64;

bool is_one_of(std::string_view raw_name, std::span<const std::string_view> names) {
    std::array<char, max_name_length> decoded{};
    std::string_view name = raw_name;
    if (raw_name.find('%') != std::string_view::npos) {
        const std::optional<std::size_t> size = percent_decode(raw_name, decoded);
        if (!size) {
            return false;
        }
        name = {decoded.data(), *size};
    }
    if (name.size() > max_name_length) {
        return false;
    }
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Calls `visit(begin, end, is_match, raw_value)` for each member of the query.
template <class Visit>
void for_each_member(std::string_view query, std::span<const std::string_view> names, Visit visit) {
    for (std::size_t begin = 0; begin <= query.size();) {
        const std::size_t end = std::min(query.find('&', begin), query.size());
        const std::string_view member = query.substr(begin, end - begin);
        const std::size_t equals = std::min(member.find('='), member.size());
        const std::string_view value = equals < member.size() ? member.substr(equals + 1) : std::string_view();
        if (!visit(QueryMatch{begin, end, value}, !member.empty() && is_one_of(member.substr(0, equals), names))) {
            return;
        }
        begin = end + 1;
    }
}

} // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer";
    if (authorization.size() < scheme.size() ||
        !std::equal(scheme.begin(), scheme.end(), authorization.begin(), [](char a, char b) { return a == (b | 0x20); })) {
        return std::nullopt;
    }
    std::string_view rest = authorization.substr(scheme.size());
    if (!rest.empty() && rest.front() != ' ') {
        return std::nullopt;
    }
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    rest.remove_suffix(rest.size() - (rest.find_last_not_of(' ') + 1));
    return rest;
}

std::optional<std::size_t> percent_decode(std::string_view text, std::span<char> out) {
    std::size_t written = 0;
    for (std::size_t index = 0; index < text.size(); written++) {
        if (written == out.size()) {
            return std::nullopt;
        }
        if (text[index] == '%' && index + 2 < text.size() && hex_value(text[index + 1]) >= 0 && hex_value(text[index + 2]) >= 0) {
            out[written] = static_cast<char>(hex_value(text[index + 1]) * 16 + hex_value(text[index + 2]));
            index += 3;
        } else {
            out[written] = text[index++];
        }
    }
    return written;
}

void for_each_query_match(std::string_view query, std::span<const std::string_view> names,
                          const std::function<void(const QueryMatch&)>& found) {
    for_each_member(query, names, [&](const QueryMatch& member, bool is_match) {
        if (is_match) {
            found(member);
        }
        return true;
    });
}

bool query_has_match(std::string_view query, std::span<const std::string_view> names) {
    bool has_match = false;
    for_each_member(query, names, [&](const QueryMatch&, bool is_match) {
        has_match = is_match;
        return !is_match;
    });
    return has_match;
}

std::size_t remove_query_matches(std::string_view query, std::span<const std::string_view> names, std::span<char> out) {
    std::size_t written = 0;
    bool first = true;
    for_each_member(query, names, [&](const QueryMatch& member, bool is_match) {
        if (is_match) {
            return true;
        }
        if (!first) {
            out[written++] = '&';
        }
        first = false;
        written += query.copy(out.data() + written, member.end - member.begin, member.begin);
        return true;
    });
    return written;
}

std::string mask_query_matches(std::string_view query, std::span<const std::string_view> names) {
    std::string masked;
    masked.reserve(query.size());
    for_each_member(query, names, [&](const QueryMatch& member, bool is_match) {
        masked += query.substr(member.begin, member.end - member.begin);
        if (is_match && !member.raw_value.empty()) {
            masked.replace(masked.size() - member.raw_value.size(), member.raw_value.size(), "***");
        }
        if (member.end < query.size()) {
            masked += '&';
        }
        return true;
    });
    return masked;
}

std::optional<std::string> mask_uri(std::string_view uri, std::span<const std::string_view> names) {
    const std::size_t question_mark = uri.find('?');
    if (question_mark == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t begin = question_mark + 1;
    const std::size_t end = std::min(uri.find(' ', begin), uri.size()); // before ` HTTP/1.1`
    const std::string_view query = uri.substr(begin, end - begin);
    if (!query_has_match(query, names)) {
        return std::nullopt;
    }
    std::string masked(uri.substr(0, begin));
    masked += mask_query_matches(query, names);
    masked += uri.substr(end);
    return masked;
}

} // namespace api_key
