#include "module/body.h"

#include "module/request.h"

namespace api_key::module {

namespace {

void body_is_here(ngx_http_request_t* r) {
    RequestContext& context = *find_context(r);
    context.body_read = true;
    context.progress = Progress::fresh; // what was known of its key may have aged meanwhile
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

} // namespace

ngx_int_t read_body(ngx_http_request_t* r) {
    const ngx_int_t result = ngx_http_read_client_request_body(r, body_is_here);
    if (result >= NGX_HTTP_SPECIAL_RESPONSE) {
        return result;
    }
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

std::optional<std::string> whole_body(ngx_http_request_t* r, off_t most) {
    std::string body;
    if (r->request_body == nullptr) {
        return body;
    }
    for (ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next) {
        ngx_buf_t* buffer = link->buf;
        const off_t size = ngx_buf_size(buffer);
        if (size == 0) {
            continue; // nginx hands out an empty one, without memory or file, for Content-Length: 0
        }
        if (static_cast<off_t>(body.size()) + size > most) {
            return std::nullopt;
        }
        const std::size_t before = body.size();
        body.resize(before + static_cast<std::size_t>(size));
        if (ngx_buf_in_memory(buffer)) {
            std::memcpy(body.data() + before, buffer->pos, static_cast<std::size_t>(size));
        } else if (ngx_read_file(buffer->file, reinterpret_cast<u_char*>(body.data()) + before, static_cast<std::size_t>(size),
                                 buffer->file_pos) != size) {
            return std::nullopt;
        }
    }
    return body;
}

void mask_body(ngx_http_request_t* r) {
    for (ngx_chain_t* link = r->request_body != nullptr ? r->request_body->bufs : nullptr; link != nullptr; link = link->next) {
        if (ngx_buf_in_memory(link->buf)) {
            ngx_memset(link->buf->pos, '*', static_cast<std::size_t>(link->buf->last - link->buf->pos));
        }
    }
}

ngx_int_t replace_body(ngx_http_request_t* r, std::string_view bytes) {
    ngx_buf_t* buffer = ngx_create_temp_buf(r->pool, bytes.size());
    ngx_chain_t* link = ngx_alloc_chain_link(r->pool);
    if (buffer == nullptr || link == nullptr) {
        return NGX_ERROR;
    }
    buffer->last = ngx_cpymem(buffer->pos, bytes.data(), bytes.size());
    buffer->last_buf = 1;
    *link = {buffer, nullptr};
    r->request_body->bufs = link;
    r->request_body->buf = buffer;
    r->headers_in.content_length_n = static_cast<off_t>(bytes.size());
    return NGX_OK;
}

} // namespace api_key::module
