#include "module/response.h"

namespace api_key::module {

ngx_int_t add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = 1;
    header->key = copy_to(r->pool, name);
    header->value = copy_to(r->pool, value);
    if (header->key.data == nullptr || header->value.data == nullptr) {
        header->hash = 0;
        return NGX_ERROR;
    }
    return NGX_OK;
}

std::string_view request_id(ngx_http_request_t* r) {
    const ngx_int_t index = main_configuration(r).request_id_variable;
    const ngx_http_variable_value_t* value =
        index == NGX_ERROR ? nullptr : ngx_http_get_indexed_variable(r, static_cast<ngx_uint_t>(index));
    if (value == nullptr || value->not_found) {
        return {};
    }
    return {reinterpret_cast<const char*>(value->data), value->len};
}

ngx_int_t add_common_headers(ngx_http_request_t* r) {
    if (add_response_header(r, "Cache-Control", "no-store") != NGX_OK) {
        return NGX_ERROR;
    }
    return add_response_header(r, "X-Request-Id", request_id(r));
}

void set_content(ngx_http_request_t* r, std::string_view type, std::size_t length) {
    r->headers_out.content_type = same_bytes(type);
    r->headers_out.content_type_len = type.size();
    r->headers_out.content_type_lowcase = nullptr;
    r->headers_out.charset = {};
    r->headers_out.content_length_n = static_cast<off_t>(length);
    if (r->headers_out.content_length != nullptr) {
        r->headers_out.content_length->hash = 0;
        r->headers_out.content_length = nullptr;
    }
}

ngx_int_t send_json(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body) {
    r->headers_out.status = status;
    set_content(r, type, body.size());
    if (add_common_headers(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (body.empty()) {
        r->header_only = 1;
        if (status == NGX_HTTP_NO_CONTENT) {
            r->headers_out.content_type = {};
            r->headers_out.content_type_len = 0;
            ngx_http_clear_content_length(r);
        }
    }
    const ngx_int_t result = ngx_http_send_header(r);
    if (result == NGX_ERROR || result > NGX_OK || r->header_only) {
        return result;
    }
    auto* buffer = ngx_create_temp_buf(r->pool, body.size());
    if (buffer == nullptr) {
        return NGX_ERROR;
    }
    buffer->last = ngx_cpymem(buffer->pos, body.data(), body.size());
    buffer->last_buf = r == r->main ? 1 : 0;
    buffer->last_in_chain = 1;
    ngx_chain_t chain{buffer, nullptr};
    return ngx_http_output_filter(r, &chain);
}

ErrorFormat error_format(const LocationConfiguration& location) {
    const ErrorFormat format = location.error_format.value_or(ErrorFormat::automatic);
    if (format != ErrorFormat::automatic || !location.meter) {
        return format;
    }
    switch (*location.meter) {
    case MeterDialect::openai:
        return ErrorFormat::openai;
    case MeterDialect::anthropic:
        return ErrorFormat::anthropic;
    case MeterDialect::gemini:
        break;
    }
    return ErrorFormat::gemini;
}

} // namespace api_key::module
