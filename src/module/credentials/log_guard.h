// Keeps keys out of the logs, in three places: the request line and the referrer as soon as the request is read, everything else before the
// access log is written, and whatever nginx itself writes into an error log.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

// The earliest phase: nginx writes the request line and the referrer into every error-log line.
ngx_int_t mask_request_line(ngx_http_request_t* r);

// The first log handler: masks what was never removed, because no access phase was reached or the location asks for no key.
ngx_int_t mask_before_log(ngx_http_request_t* r);

// Masks what looks like a key of a declared type in every line of this error log and of those chained to it.
ngx_int_t guard_error_log(ngx_conf_t* cf, ngx_log_t* log, const MainConfiguration& main);

} // namespace api_key::module
