// The log phase settles and records the main request only; with `log_subrequest` nginx also runs it for each subrequest, while the main
// request goes on.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

// The first log handler: settles and records the request, and masks its credentials for the handlers that follow.
ngx_int_t begin_log(ngx_http_request_t* r);

// The last log handler: restores what was masked for a subrequest's line.
ngx_int_t end_log(ngx_http_request_t* r);

} // namespace api_key::module
