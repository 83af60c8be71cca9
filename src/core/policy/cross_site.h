// Cross-site request protection: with a cookie, only requests from a page of the same origin and in JSON are accepted.
#pragma once

#include <string_view>

namespace api_key {

struct RequestSource {
    std::string_view fetch_site; // Sec-Fetch-Site; empty: none
    std::string_view origin;     // Origin; empty: none
    std::string_view host;       // Host, with its port
};

// Sec-Fetch-Site decides if present, else Origin, if present, compared with Host. A client that sends neither is not a current browser;
// there the cookie's SameSite=Strict has to suffice.
bool is_same_origin(const RequestSource& source);

// `application/json`, in any case and with parameters.
bool is_json_type(std::string_view content_type);

// True if the host (without a port) is this machine itself: browsers treat plain HTTP to it as secure.
bool is_local_host(std::string_view host);

} // namespace api_key
