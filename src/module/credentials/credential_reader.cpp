#include "module/credentials/credential_reader.h"

#include "core/secrets/credential.h"
#include "core/secrets/key_text.h"
#include "module/credentials/variable_guard.h"

namespace api_key::module {

namespace {

// Longer than any key: what does not fit is malformed, whatever it says.
constexpr std::size_t longest_credential = 2 * (key_prefix_max_length + key_body_length);

// Calls `visit` for every header until it returns false.
template <class Visit>
void for_each_header(ngx_http_request_t* r, Visit visit) {
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t index = 0; index < part->nelts; index++) {
            if (!visit(*part, index, headers[index])) {
                return;
            }
        }
    }
}

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

void find_in_headers(ngx_http_request_t* r, const Places& places, FoundCredential& found) {
    for_each_header(r, [&](const ngx_list_part_t&, ngx_uint_t, const ngx_table_elt_t& header) {
        for (const Header& name : places.headers) {
            if (is_header(header, name)) {
                count(found, view(header.value));
            }
        }
        return true;
    });
}

std::string_view decode(ngx_http_request_t* r, std::string_view raw) {
    if (raw.find('%') == std::string_view::npos) {
        return raw;
    }
    auto* memory = static_cast<char*>(ngx_pnalloc(r->pool, longest_credential));
    if (memory == nullptr) {
        return raw;
    }
    const std::optional<std::size_t> size = percent_decode(raw, {memory, longest_credential});
    return size ? std::string_view(memory, *size) : raw;
}

// nginx steps from part to part without asking whether the next one is empty.
void unlink_part(ngx_list_t& list, ngx_list_part_t& part) {
    if (&part == &list.part) {
        part.nelts = 0;
        return;
    }
    ngx_list_part_t* before = &list.part;
    while (before->next != &part) {
        before = before->next;
    }
    before->next = part.next;
    if (list.last == &part) {
        list.last = before;
        list.nalloc = ngx_max(before->nelts, 1);
    }
}

// Splits the list's part around the element: the pointers that nginx holds to the other headers stay good.
ngx_int_t remove_header(ngx_http_request_t* r, ngx_list_part_t& part, ngx_uint_t index) {
    ngx_list_t& list = r->headers_in.headers;
    auto* elements = static_cast<ngx_table_elt_t*>(part.elts);
    const bool is_last_part = list.last == &part;
    if (part.nelts == 1) {
        unlink_part(list, part);
        return NGX_OK;
    }
    if (index == part.nelts - 1) {
        part.nelts--;
        return NGX_OK;
    }
    if (index == 0) {
        part.elts = elements + 1;
        part.nelts--;
        list.nalloc -= is_last_part ? 1 : 0;
        return NGX_OK;
    }
    auto* rest = static_cast<ngx_list_part_t*>(ngx_palloc(r->pool, sizeof(ngx_list_part_t)));
    if (rest == nullptr) {
        return NGX_ERROR;
    }
    rest->elts = elements + index + 1;
    rest->nelts = part.nelts - index - 1;
    rest->next = part.next;
    part.nelts = index;
    part.next = rest;
    if (is_last_part) {
        list.last = rest;
        list.nalloc -= index + 1;
    }
    return NGX_OK;
}

ngx_int_t remove_named_headers(ngx_http_request_t* r, const Places& places) {
    for (;;) {
        ngx_int_t result = NGX_DECLINED;
        for_each_header(r, [&](ngx_list_part_t& part, ngx_uint_t index, const ngx_table_elt_t& header) {
            for (const Header& name : places.headers) {
                if (is_header(header, name)) {
                    result = remove_header(r, part, index);
                    return false;
                }
            }
            return true;
        });
        if (result != NGX_OK) {
            return result == NGX_DECLINED ? NGX_OK : NGX_ERROR;
        }
    }
}

ngx_int_t remove_authorization(ngx_http_request_t* r) {
    const ngx_table_elt_t* authorization = r->headers_in.authorization;
    r->headers_in.authorization = nullptr;
    ngx_int_t result = NGX_OK;
    for_each_header(r, [&](ngx_list_part_t& part, ngx_uint_t index, const ngx_table_elt_t& header) {
        if (&header != authorization) {
            return true;
        }
        result = remove_header(r, part, index);
        return false;
    });
    return result;
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

FoundCredential find_credential(ngx_http_request_t* r, const Places& places) {
    FoundCredential found;
    if (places.bearer && r->headers_in.authorization != nullptr) {
        if (const auto token = bearer_token(view(r->headers_in.authorization->value))) {
            found.has_bearer = true;
            count(found, *token);
        }
    }
    if (!places.headers.empty()) {
        find_in_headers(r, places, found);
    }
    if (r->args.len != 0 && !places.query_names.empty()) {
        for_each_query_match(view(r->args), places.query_names, [&](const QueryMatch& match) { count(found, decode(r, match.raw_value)); });
    }
    return found;
}

ngx_int_t remove_credentials(ngx_http_request_t* r, const Places& places, const FoundCredential& found) {
    if (found.has_bearer && remove_authorization(r) != NGX_OK) {
        return NGX_ERROR;
    }
    if (!places.headers.empty() && remove_named_headers(r, places) != NGX_OK) {
        return NGX_ERROR;
    }
    if (r->args.len != 0 && !places.query_names.empty() && query_has_match(view(r->args), places.query_names) &&
        remove_from_query(r, places.query_names) != NGX_OK) {
        return NGX_ERROR;
    }
    if (found.count != 0) {
        forget_credential(r, found);
    }
    return NGX_OK;
}

} // namespace api_key::module
