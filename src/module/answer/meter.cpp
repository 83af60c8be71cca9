#include "module/answer/meter.h"

#include "core/text/ascii.h"
#include "module/answer/stream_editor.h"

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

} // namespace

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
    if (framing == UsageMeter::Framing::json || !context->usage_asked_for) { // JSON is most likely an error: the module added nothing to it
        return NGX_OK;
    }
    context->editor = make_in_pool<StreamEditor>(r->pool, r->pool);
    if (context->editor == nullptr) {
        return NGX_ERROR;
    }
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    return NGX_OK;
}

void feed_meter(RequestContext& context, const ngx_chain_t* in) {
    for (const ngx_chain_t* link = in; link != nullptr; link = link->next) {
        context.answer_ended = context.answer_ended || link->buf->last_buf != 0;
        if (ngx_buf_in_memory(link->buf) && context.editor == nullptr) {
            context.meter->feed(
                {reinterpret_cast<const char*>(link->buf->pos), static_cast<std::size_t>(link->buf->last - link->buf->pos)});
        }
    }
}

} // namespace api_key::module
