#include "module/access/upgrade.h"

#include "core/policy/upgrade_offer.h"
#include "core/text/money.h"
#include "module/access/model.h"
#include "module/ngx/headers.h"

namespace api_key::module {

namespace {

bool is_free(const ngx_http_complex_value_t& cost) {
    return cost.lengths == nullptr && parse_micro_credits(view(cost.value)) == 0;
}

// Whether the request is subject to rules that could not be enforced after an upgrade.
bool is_metered_or_scoped(const RequestContext& context, const LocationConfiguration& location) {
    const bool is_priced = location.cost != nullptr ? !is_free(*location.cost) : main_configuration(context.request).prices.has_value();
    return is_priced || location.meter || context.model_scope().is_limited();
}

} // namespace

Reason decide_upgrade(RequestContext& context, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    if (location.upgrade == UpgradeRule::pass || location.manages || !is_metered_or_scoped(context, location)) {
        return Reason::none;
    }
    bool only_http = true; // nginx keeps only the first of several headers
    for_each_header(r->headers_in.headers, "upgrade",
                    [&](const ngx_table_elt_t& header) { only_http = only_http && offers_only_http(view(header.value)); });
    if (!only_http) {
        return Reason::upgrade_refused;
    }
    for_each_header(r->headers_in.headers, "upgrade", [](ngx_table_elt_t& header) { header.value = same_bytes(""); });
    r->headers_in.upgrade = nullptr; // without it nginx does not tunnel, whatever the upstream answers
    return Reason::none;
}

} // namespace api_key::module
