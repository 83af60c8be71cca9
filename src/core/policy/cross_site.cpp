#include "core/policy/cross_site.h"

#include "core/text/ascii.h"

namespace api_key {

namespace {

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
    const std::string_view port = equal_in_any_case(source.origin.substr(0, colon), "https") ? ":443" : ":80";
    return equal_in_any_case(without_port(source.origin.substr(colon + 3), port), without_port(source.host, port));
}

bool is_json_type(std::string_view content_type) {
    content_type = content_type.substr(0, content_type.find(';'));
    content_type.remove_suffix(content_type.size() - (content_type.find_last_not_of(" \t") + 1));
    return equal_in_any_case(content_type, "application/json");
}

bool is_local_host(std::string_view host) {
    return equal_in_any_case(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

} // namespace api_key
