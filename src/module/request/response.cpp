#include "module/request/response.h"

#include <array>
#include <span>

#include <sys/random.h>

#include "module/ngx/headers.h"

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

namespace {

constexpr std::size_t id_bytes = 16;

// Eight hexadecimal digits of random bits, computed in parallel; their order does not matter.
std::uint64_t hex_digits(std::uint32_t word) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    const std::uint64_t wide = word | std::uint64_t{word} << 28U;
    const std::uint64_t nibbles = wide & (ones * 15);
    const std::uint64_t letters = (nibbles + ones * 6) >> 4U & ones; // 1 for a to f
    return nibbles + ones * '0' + letters * ('a' - '0' - 10);
}

// Reads random bytes a page at a time, which is cheaper.
bool take_random(std::span<std::uint8_t, id_bytes> out) {
    static std::array<std::uint8_t, 256 * id_bytes> page;
    static std::size_t left = 0;
    if (left == 0) {
        if (getrandom(page.data(), page.size(), 0) != static_cast<ssize_t>(page.size())) {
            return false;
        }
        left = page.size();
    }
    left -= out.size();
    std::memcpy(out.data(), page.data() + left, out.size());
    return true;
}

// Formatted like nginx's $request_id; only the source of randomness differs.
bool make_request_id(ngx_http_request_t* r, ngx_http_variable_value_t& value) {
    std::array<std::uint8_t, id_bytes> random{};
    auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, 2 * id_bytes));
    if (text == nullptr || !take_random(random)) {
        return false;
    }
    for (std::size_t index = 0; index < random.size(); index += sizeof(std::uint32_t)) {
        std::uint32_t word = 0;
        std::memcpy(&word, &random[index], sizeof word);
        const std::uint64_t digits = hex_digits(word);
        std::memcpy(text + 2 * index, &digits, sizeof digits);
    }
    value.data = text;
    value.len = 2 * id_bytes;
    value.valid = 1;
    value.no_cacheable = 0;
    value.not_found = 0;
    return true;
}

} // namespace

std::string_view request_id(ngx_http_request_t* r) {
    const ngx_int_t index = main_configuration(r).request_id_variable;
    if (index == NGX_ERROR) {
        return {};
    }
    ngx_http_variable_value_t& value = r->variables[index];
    if (!value.valid && !make_request_id(r, value)) {
        return {};
    }
    return {reinterpret_cast<const char*>(value.data), value.len};
}

namespace {

// In place of what the upstream has sent; `name` is a literal.
ngx_int_t set_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    ngx_table_elt_t* header = nullptr;
    for_each_header(r->headers_out.headers, name, [&](ngx_table_elt_t& one) {
        if (one.hash != 0) {
            one.hash = 0;
            header = &one;
        }
    });
    if (header == nullptr) {
        header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    }
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = 1;
    header->key = same_bytes(name);
    header->value = same_bytes(value);
    return NGX_OK;
}

} // namespace

ngx_int_t set_request_id_header(ngx_http_request_t* r) {
    const std::string_view id = request_id(r);
    const ngx_int_t result = set_response_header(r, "X-Request-Id", id);
    const bool is_anthropic = error_format(location_configuration(r)) == ErrorFormat::anthropic;
    return result == NGX_OK && is_anthropic ? set_response_header(r, "request-id", id) : result;
}

ngx_int_t add_common_headers(ngx_http_request_t* r) {
    return add_response_header(r, "Cache-Control", "no-store") == NGX_OK ? set_request_id_header(r) : NGX_ERROR;
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

ngx_int_t send_body(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body) {
    r->headers_out.status = status;
    set_content(r, type, body.size());
    r->disable_not_modified = 1; // the operation was done, so a conditional request must not turn the answer into 412 or 304
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
