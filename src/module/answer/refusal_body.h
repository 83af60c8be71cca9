// The body of a refusal: a sentence for its reader, and what a program needs.
#pragma once

#include "core/documents/answer.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

// Empty (data null) when memory is short.
ngx_str_t refusal_body(ngx_http_request_t* r, Reason reason, ErrorFormat format);

} // namespace api_key::module
