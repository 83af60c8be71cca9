#include "module/answer/model_list_filter.h"

#include "core/documents/model_list.h"
#include "core/text/ascii.h"

namespace api_key::module {

// The body so far.
class ModelList {
  public:
    static constexpr std::size_t max_bytes = std::size_t{4} * 1024 * 1024;

    bool add(std::string_view part) {
        if (part.size() > max_bytes - text_.size()) {
            return false;
        }
        text_ += part;
        return true;
    }
    std::string_view text() const { return text_; }

  private:
    std::string text_;
};

namespace {

bool is_json(ngx_http_request_t* r) {
    return starts_in_any_case(view(r->headers_out.content_type), "application/json");
}

void complain(ngx_http_request_t* r, const char* problem) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "api_key: the list of models cannot be filtered: %s", problem);
}

} // namespace

bool has_models_to_filter(ngx_http_request_t* r) {
    const RequestContext* context = r == r->main ? deciding_context(r) : nullptr;
    return context != nullptr && context->progress == Progress::decided && context->status == 0 && context->has_record &&
           context->model_scope().is_limited() && (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0 &&
           r->headers_out.status == NGX_HTTP_OK && is_json(r);
}

void clear_list_headers(ngx_http_request_t* r) {
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
}

ngx_int_t withhold_model_list(ngx_http_request_t* r) {
    RequestContext& context = *deciding_context(r);
    context.model_list = make_in_pool<ModelList>(r->pool);
    r->filter_need_in_memory = 1;
    return context.model_list != nullptr ? NGX_OK : NGX_ERROR;
}

ngx_int_t collect_model_list(RequestContext& context, ngx_chain_t* in) {
    bool is_whole = false;
    for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
        ngx_buf_t& buffer = *link->buf;
        if (ngx_buf_in_memory(&buffer)) {
            const auto size = static_cast<std::size_t>(buffer.last - buffer.pos);
            if (!context.model_list->add({reinterpret_cast<const char*>(buffer.pos), size})) {
                complain(context.request, "it is larger than 4 MB");
                return NGX_DECLINED;
            }
            buffer.pos = buffer.last;
        }
        is_whole = is_whole || buffer.last_buf != 0;
    }
    return is_whole ? NGX_OK : NGX_AGAIN;
}

ngx_chain_t* filtered_model_list(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    const std::optional<std::string> list = allowed_models(context.model_list->text(), context.model_scope());
    if (!list) {
        complain(r, "it is no JSON object");
        return nullptr;
    }
    const ngx_str_t text = copy_to(r->pool, *list);
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    ngx_chain_t* link = ngx_alloc_chain_link(r->pool);
    if (text.data == nullptr || buffer == nullptr || link == nullptr) {
        return nullptr;
    }
    buffer->start = buffer->pos = text.data;
    buffer->end = buffer->last = text.data + text.len;
    buffer->memory = 1;
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    *link = {buffer, nullptr};
    r->headers_out.content_length_n = static_cast<off_t>(text.len);
    return link;
}

} // namespace api_key::module
