// Reads the token usage out of metered answers as they pass (`api_key_meter`).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Called by the header filter, before anything is compressed. NGX_ERROR when memory is short.
ngx_int_t start_meter(ngx_http_request_t* r);

// Called by the body filter, where the context has a meter. An answer with an editor is fed to the meter by the editor.
void feed_meter(RequestContext& context, const ngx_chain_t* in);

} // namespace api_key::module
