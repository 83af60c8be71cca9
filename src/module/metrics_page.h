// `api_key_metrics`: this node's counters, for Prometheus.
#pragma once

#include "module/settings/configuration.h"

namespace api_key::module {

ngx_int_t metrics_handler(ngx_http_request_t* r);

} // namespace api_key::module
