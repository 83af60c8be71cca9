#include "core/cross_site.h"

#include <algorithm>

namespace api_key {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool equals_in_any_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) { return lower(one) == lower(other); });
}

// Without the port that the scheme has anyway.
std::string_view without_port(std::string_view authority, std::string_view port) {
    return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

} // namespace

bool is_same_origin(const RequestSource& source) {
    if (!source.fetch_site.empty()) {
        return source.fetch_site == "same-origin";
    }
    if (source.origin.empty()) {
        return true;
    }
    const std::size_t colon = source.origin.find("://");
    if (colon == std::string_view::npos || source.host.empty()) {
        return false; // `null`: a sandboxed page, a file
    }
    const std::string_view port = equals_in_any_case(source.origin.substr(0, colon), "https") ? ":443" : ":80";
    return equals_in_any_case(without_port(source.origin.substr(colon + 3), port), without_port(source.host, port));
}

bool is_json_type(std::string_view content_type) {
    constexpr std::string_view blanks = " \t";
    content_type = content_type.substr(0, content_type.find(';'));
    content_type.remove_suffix(content_type.size() - (content_type.find_last_not_of(blanks) + 1));
    return equals_in_any_case(content_type, "application/json");
}

bool is_local_host(std::string_view host) {
    return equals_in_any_case(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

} // namespace api_key
