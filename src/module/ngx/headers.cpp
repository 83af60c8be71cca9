#include "module/ngx/headers.h"

namespace api_key::module {

namespace {

// nginx does not check whether the next part is empty, so an empty one must be unlinked.
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

} // namespace

std::string_view header_value(ngx_http_request_t* r, std::string_view name) {
    for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        for (const ngx_table_elt_t& header : std::span(static_cast<const ngx_table_elt_t*>(part->elts), part->nelts)) {
            if (header.key.len == name.size() && std::memcmp(header.lowcase_key, name.data(), name.size()) == 0) {
                return view(header.value);
            }
        }
    }
    return {};
}

// Splits the list's part around the element, so that the pointers that nginx holds to other headers stay valid.
ngx_int_t remove_header(ngx_pool_t* pool, ngx_list_t& list, ngx_list_part_t& part, ngx_uint_t index) {
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
    auto* rest = static_cast<ngx_list_part_t*>(ngx_palloc(pool, sizeof(ngx_list_part_t)));
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

} // namespace api_key::module
