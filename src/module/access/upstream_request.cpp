#include "module/access/upstream_request.h"

#include "core/tokens/stream_usage.h"
#include "module/ngx/body.h"
#include "module/ngx/headers.h"

namespace api_key::module {

namespace {

ngx_int_t ask_for_plain_answer(ngx_http_request_t* r) {
#if (NGX_HTTP_GZIP)
    if (const ngx_table_elt_t* sent = r->headers_in.accept_encoding; sent != nullptr) {
        auto* wish = static_cast<ngx_table_elt_t*>(ngx_palloc(r->pool, sizeof(ngx_table_elt_t)));
        if (wish == nullptr) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        *wish = *sent;
        r->headers_in.accept_encoding = wish;
    }
#endif
    for_each_header(r->headers_in.headers, "accept-encoding", [](ngx_table_elt_t& header) { header.value = same_bytes("identity"); });
    return NGX_OK;
}

} // namespace

ngx_int_t prepare_upstream_request(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    if (context.usage_unasked && !context.usage_asked_for) {
        const std::optional<std::string> body = whole_body(r);
        const std::optional<std::string> asking = body ? with_usage_asked(*body) : std::nullopt;
        if (asking) {
            if (replace_body(r, *asking) != NGX_OK) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }
            context.usage_asked_for = true;
        }
    }
    return ask_for_plain_answer(r);
}

} // namespace api_key::module
