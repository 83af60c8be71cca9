#include "module/answer/filters.h"

#include <algorithm>

#include "module/answer/limit_headers.h"
#include "module/answer/meter.h"
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

// The reason of an answer that is ours to write; none when it is not.
Reason reason_of(ngx_http_request_t* r) {
    if (r != r->main || r->err_status == 0 || r->headers_out.status != r->err_status) {
        return Reason::none;
    }
    const RequestContext* context = deciding_context(r);
    if (context != nullptr) {
        return context->progress == Progress::decided && context->status == r->err_status ? context->reason : Reason::none;
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

// Reasons whose text depends on the request and is in its context.
bool is_explained(Reason reason) {
    return reason == Reason::request_invalid || reason == Reason::model_unpriced || reason == Reason::option_unpriced;
}

ngx_str_t make_body(ngx_http_request_t* r, Reason reason, ErrorFormat format) {
    const LocationConfiguration& location = location_configuration(r);
    const ErrorOverride& error = location.errors[static_cast<std::size_t>(reason)];
    Answer answer;
    answer.status = static_cast<std::uint16_t>(r->headers_out.status);
    answer.message = info(reason).message;
    if (reason == Reason::rate_limited || reason == Reason::quota_exceeded) {
        answer.message = refusal_message(deciding_context(r)->refusal->window);
    }
    if (deciding_context(r) != nullptr) {
        describe_limit(*deciding_context(r), reason, answer);
    }
    std::string words;
    if (reason == Reason::model_not_allowed) {
        const std::string_view model = view(deciding_context(r)->model);
        words = model.empty() ? "This API key may use some models alone, and which one a request uses is not known here"
                              : std::string(answer.message) + ": " + std::string(model);
        answer.message = words;
    } else if (is_explained(reason) && deciding_context(r)->problem.len != 0) {
        answer.message = view(deciding_context(r)->problem);
    }
    if (error.has_message) {
        answer.message = view(error.message);
    }
    answer.code = info(reason).code;
    answer.request_id = request_id(r);
    Worker* const the_worker = worker();
    return copy_to(r->pool, the_worker != nullptr ? the_worker->rendered_answers.body(format, answer) : render(format, answer));
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
        return !location_configuration(r).meter || start_meter(r) == NGX_OK ? next_header_filter(r) : NGX_ERROR;
    }
    const ErrorFormat format = error_format(location_configuration(r));
    auto* refusal = static_cast<Refusal*>(ngx_pcalloc(r->pool, sizeof(Refusal)));
    if (refusal == nullptr) {
        return NGX_ERROR;
    }
    refusal->body = make_body(r, reason, format);
    if (refusal->body.data == nullptr || add_refusal_headers(r, reason) != NGX_OK) {
        return NGX_ERROR;
    }
    set_content(r, content_type(format), refusal->body.len);
    ngx_http_set_ctx(r, refusal, ngx_http_api_key_filter_module);
    return next_header_filter(r);
}

// Passes on an answer that is not ours.
ngx_int_t pass_on(ngx_http_request_t* r, ngx_chain_t* in) {
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
