#include "module/access/preflight.h"

#include "module/ngx/headers.h"

namespace api_key::module {

bool is_preflight(ngx_http_request_t& r) {
    const bool has_body = r.headers_in.content_length_n > 0 || r.headers_in.chunked != 0;
    return r.method == NGX_HTTP_OPTIONS && !has_body && !header_value(&r, "origin").empty() &&
           !header_value(&r, "access-control-request-method").empty();
}

} // namespace api_key::module
