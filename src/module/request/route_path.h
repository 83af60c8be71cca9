// Where a request to the management API leads.
#pragma once

#include <string_view>

#include "module/ngx/ngx.h"

namespace api_key::module {

// What follows `/api/`; where the API is mounted elsewhere, what follows the location's own prefix.
std::string_view route_path(ngx_http_request_t* r);

// What stands before that, without the slash at its end; `/` where that would be nothing.
std::string_view mount_path(ngx_http_request_t* r);

inline bool is_session_route(ngx_http_request_t* r) {
    return route_path(r) == "session";
}

} // namespace api_key::module
