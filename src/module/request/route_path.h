// The route of a request to the management API.
#pragma once

#include <string_view>

#include "module/ngx/ngx.h"

namespace api_key::module {

// The path after `/api/`; where the API is mounted elsewhere, after the location's own prefix.
std::string_view route_path(ngx_http_request_t* r);

// The path before that, without its trailing slash; `/` where that would be empty.
std::string_view mount_path(ngx_http_request_t* r);

inline bool is_session_route(ngx_http_request_t* r) {
    return route_path(r) == "session";
}

} // namespace api_key::module
