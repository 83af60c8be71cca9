#include "module/answer/filters.h"

#include <algorithm>

#include "module/answer/limit_headers.h"
#include "module/answer/meter.h"
#include "module/answer/model_list_filter.h"
#include "module/answer/refusal_body.h"
#include "module/answer/stream_editor.h"
#include "module/ngx/headers.h"
#include "module/request/request.h"
#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

// The filter module's context of an answer that is rewritten.
struct Refusal {
    ngx_str_t body;
    bool sent;
};

Refusal* refusal_of(ngx_http_request_t* r) {
    return static_cast<Refusal*>(ngx_http_get_module_ctx(r, ngx_http_api_key_filter_module));
}

// nginx itself answers 400 to a second Authorization header, before any phase runs.
bool has_two_authorizations(ngx_http_request_t* r) {
    unsigned count = 0;
    for_each_header(r->headers_in.headers,
                    [&](const ngx_table_elt_t& header) { count += lowercase_name(header) == "authorization" ? 1 : 0; });
    return count > 1;
}

// nginx itself refuses a body that is larger than client_max_body_size: by its header before any phase runs, a chunked one as it is read.
bool is_too_large(ngx_http_request_t* r) {
    const bool is_of_upstream = r->upstream != nullptr && r->upstream->headers_in.status_n != 0;
    return r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE && !r->internal && !is_of_upstream && location_configuration(r).types != 0;
}

// The reason of an answer that is ours to write; none when it is not.
Reason reason_of(ngx_http_request_t* r) {
    if (r != r->main || r->err_status == 0 || r->headers_out.status != r->err_status) {
        return Reason::none;
    }
    const RequestContext* context = deciding_context(r);
    const bool is_refused = context != nullptr && context->progress == Progress::decided && context->status == r->err_status;
    if (!is_refused && is_too_large(r)) {
        return Reason::request_too_large;
    }
    if (context != nullptr) {
        return is_refused ? context->reason : Reason::none;
    }
    if (r->err_status == NGX_HTTP_BAD_REQUEST && server_configuration(r).bearer && has_two_authorizations(r)) {
        return Reason::multiple_keys;
    }
    return Reason::none;
}

constexpr ngx_uint_t upgrade_required = 426;

// Names the protocol that is spoken here; HTTP/2 has no such headers. NGX_ERROR when memory is short.
ngx_int_t add_upgrade_headers(ngx_http_request_t* r) {
    if (r->http_version >= NGX_HTTP_VERSION_20) {
        return NGX_OK;
    }
    return add_response_header(r, "Upgrade", "HTTP/1.1") == NGX_OK ? add_response_header(r, "Connection", "upgrade") : NGX_ERROR;
}

ngx_int_t add_refusal_headers(ngx_http_request_t* r, Reason reason) {
    const ngx_uint_t status = r->headers_out.status;
    ngx_int_t result = add_common_headers(r);
    if (result == NGX_OK && status == NGX_HTTP_UNAUTHORIZED) {
        result = add_response_header(r, "WWW-Authenticate", challenge(reason));
    }
    if (result == NGX_OK && status == upgrade_required) {
        result = add_upgrade_headers(r);
    }
    if (result != NGX_OK) {
        return result;
    }
    const RequestContext* context = deciding_context(r);
    return context != nullptr ? add_retry_headers(r, *context, reason) : NGX_OK;
}

// Notes the time of the first byte of every answer to a request that was decided, and adds its request id.
ngx_int_t note_answer(ngx_http_request_t* r) {
    RequestContext* context = r == r->main ? deciding_context(r) : nullptr;
    if (context == nullptr || context->progress != Progress::decided) {
        return NGX_OK;
    }
    const std::int64_t elapsed_ms = unix_ms() - begin_ms(r);
    context->first_byte_ms = static_cast<std::int32_t>(std::clamp<std::int64_t>(elapsed_ms, 0, INT32_MAX));
    return set_request_id_header(r);
}

ngx_int_t header_filter(ngx_http_request_t* r) {
    const Reason reason = reason_of(r);
    if (note_answer(r) != NGX_OK) {
        return NGX_ERROR;
    }
    if (location_configuration(r).headers == 1 && add_rate_limit_headers(r) != NGX_OK) {
        return NGX_ERROR;
    }
    if (reason == Reason::none) {
        if (location_configuration(r).models_list == 1 && has_models_to_filter(r)) {
            clear_list_headers(r);
            return r->method == NGX_HTTP_HEAD ? next_header_filter(r) : withhold_model_list(r);
        }
        return !location_configuration(r).meter || start_meter(r) == NGX_OK ? next_header_filter(r) : NGX_ERROR;
    }
    const ErrorFormat format = error_format(location_configuration(r));
    auto* refusal = static_cast<Refusal*>(ngx_pcalloc(r->pool, sizeof(Refusal)));
    if (refusal == nullptr) {
        return NGX_ERROR;
    }
    refusal->body = refusal_body(r, reason, format);
    if (refusal->body.data == nullptr || add_refusal_headers(r, reason) != NGX_OK) {
        return NGX_ERROR;
    }
    set_content(r, content_type(format), refusal->body.len);
    ngx_http_set_ctx(r, refusal, ngx_http_api_key_filter_module);
    return next_header_filter(r);
}

// Sends the list of models in place of the upstream's once that is whole. NGX_OK while it is not.
ngx_int_t pass_on_models(ngx_http_request_t* r, RequestContext& context, ngx_chain_t* in) {
    const ngx_int_t result = collect_model_list(context, in);
    if (result == NGX_AGAIN) {
        return NGX_OK;
    }
    ngx_chain_t* list = result == NGX_OK ? filtered_model_list(context) : nullptr;
    context.model_list = nullptr;
    if (list == nullptr) {
        return ngx_http_filter_finalize_request(r, &ngx_http_api_key_filter_module, NGX_HTTP_BAD_GATEWAY);
    }
    const ngx_int_t sent = next_header_filter(r);
    return sent == NGX_ERROR || sent > NGX_OK || r->header_only ? sent : next_body_filter(r, list);
}

// Passes on an answer that is not ours.
ngx_int_t pass_on(ngx_http_request_t* r, ngx_chain_t* in) {
    if (location_configuration(r).models_list == 1 && r == r->main) {
        if (RequestContext* listing = find_context(r); listing != nullptr && listing->model_list != nullptr) {
            return pass_on_models(r, *listing, in);
        }
    }
    RequestContext* const context = r == r->main && location_configuration(r).meter ? find_context(r) : nullptr;
    if (context == nullptr || context->meter == nullptr) {
        return next_body_filter(r, in);
    }
    feed_meter(*context, in);
    if (context->editor == nullptr) {
        return next_body_filter(r, in);
    }
    ngx_chain_t* out = nullptr;
    if (context->editor->edit(in, *context->meter, &out) != NGX_OK) {
        return NGX_ERROR;
    }
    const ngx_int_t result = next_body_filter(r, out);
    context->editor->release_sent(out);
    return result;
}

// Sends the whole body in place of nginx's, whose buffers are marked as sent.
ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
    Refusal* refusal = refusal_of(r);
    if (refusal == nullptr) {
        return pass_on(r, in);
    }
    for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
        link->buf->pos = link->buf->last;
        link->buf->file_pos = link->buf->file_last;
    }
    if (refusal->sent) {
        return next_body_filter(r, nullptr);
    }
    refusal->sent = true;
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (buffer == nullptr) {
        return NGX_ERROR;
    }
    buffer->start = buffer->pos = refusal->body.data;
    buffer->end = buffer->last = refusal->body.data + refusal->body.len;
    buffer->memory = 1;
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    ngx_chain_t chain{buffer, nullptr};
    return next_body_filter(r, &chain);
}

} // namespace

ngx_int_t install_refusal_filter(ngx_conf_t* /*cf*/) {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
    return NGX_OK;
}

} // namespace api_key::module
