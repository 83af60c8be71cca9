// The headers of a request or an answer: nginx keeps them in a list of arrays.
#pragma once

#include <span>
#include <string_view>

#include "core/text/ascii.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

// Calls `visit` for each header, in the order in which they came.
template <class Visit>
void for_each_header(ngx_list_t& headers, Visit visit) {
    for (ngx_list_part_t* part = &headers.part; part != nullptr; part = part->next) {
        for (ngx_table_elt_t& header : std::span(static_cast<ngx_table_elt_t*>(part->elts), part->nelts)) {
            visit(header);
        }
    }
}

// The same for those of this name, in any case.
template <class Visit>
void for_each_header(ngx_list_t& headers, std::string_view name, Visit visit) {
    for_each_header(headers, [&](ngx_table_elt_t& header) {
        if (equal_in_any_case(view(header.key), name)) {
            visit(header);
        }
    });
}

// Empty where nginx has not made one, as after an error in the header.
inline std::string_view lowercase_name(const ngx_table_elt_t& header) {
    return header.lowcase_key != nullptr ? std::string_view(reinterpret_cast<const char*>(header.lowcase_key), header.key.len)
                                         : std::string_view();
}

// The value of the first request header of this name (in lower case); empty when there is none.
std::string_view header_value(ngx_http_request_t* r, std::string_view name);

// Removes the header at this position from the list. NGX_ERROR when memory is short.
ngx_int_t remove_header(ngx_pool_t* pool, ngx_list_t& headers, ngx_list_part_t& part, ngx_uint_t index);

// Removes the first header that `is_removed` matches. NGX_DECLINED when there is none.
template <class Predicate>
ngx_int_t remove_first_header(ngx_pool_t* pool, ngx_list_t& headers, Predicate is_removed) {
    for (ngx_list_part_t* part = &headers.part; part != nullptr; part = part->next) {
        const auto* elements = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t index = 0; index < part->nelts; index++) {
            if (is_removed(elements[index])) {
                return remove_header(pool, headers, *part, index);
            }
        }
    }
    return NGX_DECLINED;
}

} // namespace api_key::module
