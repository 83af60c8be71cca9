#include "module/ngx/body.h"

namespace api_key::module {

namespace {

// A variable that was evaluated before, as by a `map`, is cached with its old value.
void forget_variable(ngx_http_request_t* r, std::string_view name) {
    const auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const auto* variables = static_cast<const ngx_http_variable_t*>(core->variables.elts);
    for (ngx_uint_t index = 0; index < core->variables.nelts; index++) {
        if (view(variables[index].name) == name) {
            r->variables[index].valid = 0;
            r->variables[index].not_found = 0;
        }
    }
}

// `$content_length` and what FastCGI, uwsgi and SCGI get come from the text of the header.
ngx_int_t set_content_length(ngx_http_request_t* r, std::size_t size) {
    r->headers_in.content_length_n = static_cast<off_t>(size);
    if (ngx_table_elt_t* header = r->headers_in.content_length) {
        const ngx_str_t text = copy_to(r->pool, std::to_string(size));
        if (text.data == nullptr) {
            return NGX_ERROR;
        }
        header->value = text;
    }
    forget_variable(r, "content_length");
    forget_variable(r, "http_content_length");
    return NGX_OK;
}

} // namespace

std::optional<std::string> whole_body(ngx_http_request_t* r, off_t most) {
    std::string body;
    if (r->request_body == nullptr) {
        return body;
    }
    for (ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next) {
        ngx_buf_t* buffer = link->buf;
        const off_t size = ngx_buf_size(buffer);
        if (size == 0) {
            continue; // for Content-Length: 0 nginx passes an empty buffer without memory or file
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
    return set_content_length(r, bytes.size());
}

} // namespace api_key::module
