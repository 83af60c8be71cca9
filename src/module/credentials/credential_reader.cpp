#include "module/credentials/credential_reader.h"

#include <algorithm>

#include "core/secrets/credential.h"
#include "core/secrets/key_text.h"
#include "module/credentials/variable_guard.h"
#include "module/ngx/headers.h"

namespace api_key::module {

namespace {

// Longer than any key: longer text is malformed, whatever it is.
constexpr std::size_t max_credential_length = 2 * (key_prefix_max_length + key_body_length);

bool is_header(const ngx_table_elt_t& header, const Header& name) {
    return header.hash == name.hash && header.key.len == name.name.size() &&
           std::memcmp(header.lowcase_key, name.name.data(), name.name.size()) == 0;
}

void count(FoundCredential& found, std::string_view text) {
    if (!text.empty()) {
        found.count++;
        found.text = text;
    }
}

void find_in_headers(ngx_http_request_t* r, const CredentialSources& sources, FoundCredential& found) {
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t& header) {
        for (const Header& name : sources.headers) {
            if (is_header(header, name)) {
                count(found, view(header.value));
            }
        }
    });
}

std::string_view decode(ngx_http_request_t* r, std::string_view raw) {
    if (raw.find('%') == std::string_view::npos) {
        return raw;
    }
    auto* memory = static_cast<char*>(ngx_pnalloc(r->pool, max_credential_length));
    if (memory == nullptr) {
        return raw;
    }
    const std::optional<std::size_t> size = percent_decode(raw, {memory, max_credential_length});
    return size ? std::string_view(memory, *size) : raw;
}

ngx_int_t remove_named_headers(ngx_http_request_t* r, const CredentialSources& sources) {
    const auto is_named = [&](const ngx_table_elt_t& header) {
        return std::any_of(sources.headers.begin(), sources.headers.end(), [&](const Header& name) { return is_header(header, name); });
    };
    ngx_int_t result = NGX_OK;
    while (result == NGX_OK) {
        result = remove_first_header(r->pool, r->headers_in.headers, is_named);
    }
    return result == NGX_DECLINED ? NGX_OK : NGX_ERROR;
}

ngx_int_t remove_authorization(ngx_http_request_t* r) {
    const ngx_table_elt_t* authorization = std::exchange(r->headers_in.authorization, nullptr);
    const auto is_it = [&](const ngx_table_elt_t& header) { return &header == authorization; };
    return remove_first_header(r->pool, r->headers_in.headers, is_it) == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

ngx_int_t remove_from_query(ngx_http_request_t* r, std::span<const std::string_view> names) {
    auto* memory = static_cast<char*>(ngx_pnalloc(r->pool, r->args.len + r->unparsed_uri.len + 1));
    if (memory == nullptr) {
        return NGX_ERROR;
    }
    const std::size_t size = remove_query_matches(view(r->args), names, {memory, r->args.len});
    const std::size_t question_mark = view(r->unparsed_uri).find('?');
    if (question_mark != std::string_view::npos) {
        char* uri = memory + r->args.len;
        std::size_t length = question_mark;
        std::memcpy(uri, r->unparsed_uri.data, length);
        if (size != 0) {
            uri[length++] = '?';
            std::memcpy(uri + length, memory, size);
            length += size;
        }
        r->unparsed_uri = same_bytes({uri, length});
    }
    r->args = same_bytes({memory, size});
    return NGX_OK;
}

} // namespace

FoundCredential find_credential(ngx_http_request_t* r, const CredentialSources& sources) {
    FoundCredential found;
    if (sources.bearer && r->headers_in.authorization != nullptr) {
        if (const auto token = bearer_token(view(r->headers_in.authorization->value))) {
            found.has_bearer = true;
            count(found, *token);
        }
    }
    if (!sources.headers.empty()) {
        find_in_headers(r, sources, found);
    }
    if (r->args.len != 0 && !sources.query_names.empty()) {
        for_each_query_match(view(r->args), sources.query_names,
                             [&](const QueryMatch& match) { count(found, decode(r, match.raw_value)); });
    }
    return found;
}

ngx_int_t remove_credentials(ngx_http_request_t* r, const CredentialSources& sources, const FoundCredential& found) {
    if (found.has_bearer && remove_authorization(r) != NGX_OK) {
        return NGX_ERROR;
    }
    if (!sources.headers.empty() && remove_named_headers(r, sources) != NGX_OK) {
        return NGX_ERROR;
    }
    if (r->args.len != 0 && !sources.query_names.empty() && query_has_match(view(r->args), sources.query_names) &&
        remove_from_query(r, sources.query_names) != NGX_OK) {
        return NGX_ERROR;
    }
    if (found.count != 0) {
        forget_credential(r, found);
    }
    return NGX_OK;
}

} // namespace api_key::module
