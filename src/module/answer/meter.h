// Reads the token usage out of metered answers as they pass (`api_key_meter`).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// In the header filter, before anything is compressed. NGX_ERROR when memory is short.
ngx_int_t start_meter(ngx_http_request_t* r);

// In the body filter, where the context has a meter. What an editor takes something out of, that feeds to the meter itself.
void feed_meter(RequestContext& context, const ngx_chain_t* in);

} // namespace api_key::module
