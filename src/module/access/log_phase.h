// The log phase. What it settles and notes is of the main request; under `log_subrequest` nginx runs it for each subrequest too, while the
// main request goes on.
#pragma once

#include "module/ngx/ngx.h"

namespace api_key::module {

// The first log handler: settles and records the request, and masks its credentials for the handlers that follow.
ngx_int_t begin_log(ngx_http_request_t* r);

// The last one: what was masked for a subrequest's line is put back.
ngx_int_t end_log(ngx_http_request_t* r);

} // namespace api_key::module
