// What a browser may ask of us with a cookie: only what a page of the same origin asks, and only in JSON.
#pragma once

#include <string_view>

namespace api_key {

struct RequestSource {
    std::string_view fetch_site; // Sec-Fetch-Site; empty: none
    std::string_view origin;     // Origin; empty: none
    std::string_view host;       // Host, with its port
};

// Sec-Fetch-Site decides where it is there, else Origin, where it is there, against the Host. A client that sends neither is no browser of
// today: the cookie's SameSite=Strict has to do.
bool is_same_origin(const RequestSource& source);

// `application/json`, in any case and with parameters.
bool is_json_type(std::string_view content_type);

// A host (without a port) that is this machine itself: browsers take plain HTTP to it for secure.
bool is_local_host(std::string_view host);

} // namespace api_key
