#include "module/access/upgrade.h"

#include <span>

#include "core/policy/money.h"
#include "core/policy/upgrade_offer.h"
#include "module/access/model.h"
#include "module/request/response.h"

namespace api_key::module {

namespace {

// Calls `visit` for each Upgrade header: nginx remembers the first of them.
template <class Visit>
void for_each_offer(ngx_http_request_t* r, Visit visit) {
    constexpr std::string_view name = "upgrade";
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        for (ngx_table_elt_t& header : std::span(static_cast<ngx_table_elt_t*>(part->elts), part->nelts)) {
            if (equal_in_any_case(view(header.key), name)) {
                visit(header);
            }
        }
    }
}

bool is_free(const ngx_http_complex_value_t& cost) {
    return cost.lengths == nullptr && parse_micro_credits(view(cost.value)) == 0;
}

// Something would hold for the request that does not for what follows an upgrade.
bool is_held_to_tokens(const RequestContext& context, const LocationConfiguration& location) {
    const bool is_priced = location.cost != nullptr ? !is_free(*location.cost) : main_configuration(context.request).prices.has_value();
    return is_priced || location.meter || is_scoped(context);
}

} // namespace

Reason decide_upgrade(RequestContext& context, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    if (location.upgrade == UpgradeRule::pass || location.manages || !is_held_to_tokens(context, location)) {
        return Reason::none;
    }
    bool only_http = true;
    for_each_offer(r, [&](const ngx_table_elt_t& header) { only_http = only_http && offers_only_http(view(header.value)); });
    if (!only_http) {
        return Reason::upgrade_refused;
    }
    for_each_offer(r, [](ngx_table_elt_t& header) { header.value = same_bytes(""); });
    r->headers_in.upgrade = nullptr; // without it nginx tunnels nothing, whatever the upstream answers
    return Reason::none;
}

ngx_int_t add_upgrade_headers(ngx_http_request_t* r) {
    if (r->http_version >= NGX_HTTP_VERSION_20) {
        return NGX_OK;
    }
    return add_response_header(r, "Upgrade", "HTTP/1.1") == NGX_OK ? add_response_header(r, "Connection", "upgrade") : NGX_ERROR;
}

} // namespace api_key::module
