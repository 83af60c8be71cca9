#include "module/answer/meter.h"

#include "core/text/ascii.h"
#include "core/tokens/stream_usage.h"
#include "module/answer/stream_editor.h"
#include "module/ngx/body.h"

namespace api_key::module {

namespace {

constexpr std::string_view identity = "identity";

bool is_event_stream(ngx_http_request_t* r) {
    constexpr std::string_view events = "text/event-stream";
    return starts_in_any_case(view(r->headers_out.content_type), events);
}

bool is_compressed(ngx_http_request_t* r) {
    const ngx_table_elt_t* encoding = r->headers_out.content_encoding;
    return encoding != nullptr && encoding->value.len != 0 && view(encoding->value) != identity;
}

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
    for_each_header(r, [](ngx_table_elt_t& header) {
        if (equal_in_any_case(view(header.key), "accept-encoding")) {
            header.value = same_bytes(identity);
        }
    });
    return NGX_OK;
}

} // namespace

ngx_int_t ask_for_usage(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    if (context.usage_unasked && context.editor == nullptr) {
        const std::optional<std::string> body = whole_body(r);
        const std::optional<std::string> asking = body ? with_usage_asked(*body) : std::nullopt;
        if (asking) {
            context.editor = make_in_pool<StreamEditor>(r->pool, r->pool);
            if (context.editor == nullptr || replace_body(r, *asking) != NGX_OK) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }
        }
    }
    return ask_for_plain_answer(r);
}

ngx_int_t start_meter(ngx_http_request_t* r) {
    const LocationConfiguration& location = location_configuration(r);
    RequestContext* context = r == r->main && location.meter ? find_context(r) : nullptr;
    const bool passed = context != nullptr && context->progress == Progress::decided && context->status == 0;
    if (!passed || context->meter != nullptr || r->header_only || is_compressed(r)) {
        return NGX_OK;
    }
    const auto framing = is_event_stream(r) ? UsageMeter::Framing::events : UsageMeter::Framing::json;
    context->meter = make_in_pool<UsageMeter>(r->pool, *location.meter, framing);
    if (context->meter == nullptr) {
        return NGX_ERROR;
    }
    r->filter_need_in_memory = 1;
    if (framing == UsageMeter::Framing::json) {
        context->editor = nullptr; // an error, most likely: nothing was added to it
    } else if (context->editor != nullptr) {
        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);
    }
    return NGX_OK;
}

void feed_meter(ngx_http_request_t* r, const ngx_chain_t* in) {
    RequestContext* context = r == r->main ? find_context(r) : nullptr;
    if (context == nullptr || context->meter == nullptr) {
        return;
    }
    for (const ngx_chain_t* link = in; link != nullptr; link = link->next) {
        context->answer_ended = context->answer_ended || link->buf->last_buf != 0;
        if (ngx_buf_in_memory(link->buf) && context->editor == nullptr) {
            context->meter->feed(
                {reinterpret_cast<const char*>(link->buf->pos), static_cast<std::size_t>(link->buf->last - link->buf->pos)});
        }
    }
}

StreamEditor* editor_of(ngx_http_request_t* r) {
    const RequestContext* context = r == r->main ? find_context(r) : nullptr;
    return context != nullptr && context->meter != nullptr ? context->editor : nullptr;
}

} // namespace api_key::module
