#include "module/access/cost.h"

#include <algorithm>

#include "core/text/money.h"
#include "core/tokens/free_calls.h"
#include "core/tokens/worst_case.h"

namespace api_key::module {

namespace {

// A request that may be charged at its end needs a purse to charge, even if a variable sets its reserve to 0.
constexpr std::int64_t min_reserve = 1;

std::string_view provider_of(MeterDialect dialect) {
    switch (dialect) {
    case MeterDialect::openai:
        return "openai";
    case MeterDialect::anthropic:
        return "anthropic";
    case MeterDialect::gemini:
        break;
    }
    return "gemini";
}

// Requests that only read lists, states and files are free, and so are deletions.
bool has_free_method(const ngx_http_request_t* r) {
    constexpr ngx_uint_t reading = NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_DELETE;
    return (r->method & reading) != 0;
}

Reason refuse(RequestContext& context, std::string_view words) {
    context.problem = copy_to(context.request->pool, words);
    return Reason::request_invalid;
}

Reason charge(RequestContext& context, const LocationConfiguration& location, std::int64_t reserve) {
    context.charging = &location;
    context.reserve_micro_credits = reserve;
    return Reason::none;
}

Reason charge_reserve(RequestContext& context, const LocationConfiguration& location, std::string_view otherwise) {
    const std::optional<std::int64_t> reserve = amount(context.request, location.reserve);
    return reserve ? charge(context, location, std::max(*reserve, min_reserve)) : refuse(context, otherwise);
}

Reason reserve_tokens(RequestContext& context, const LocationConfiguration& location) {
    static const RequestFacts no_body;
    const Prices& prices = *main_configuration(context.request).prices;
    const RequestFacts& asked = context.asked != nullptr ? *context.asked : no_body;
    const Result<WorstCase> worst =
        worst_case(*context.price, asked, multiplier(context), prices.container_fee(provider_of(*location.meter)));
    if (!worst) {
        context.problem = copy_to(context.request->pool, worst.error().message);
        return Reason::option_unpriced;
    }
    context.price_list = worst->list;
    context.multiplier_millionths = worst->multiplier_millionths;
    context.reserved_fees_micro_credits = worst->fees_micro_credits;
    return worst->micro_credits ? charge(context, location, *worst->micro_credits) : charge_reserve(context, location, worst->missing);
}

} // namespace

std::int64_t multiplier(const RequestContext& context) {
    return context.plan != nullptr ? context.plan->multiplier_millionths : 1'000'000;
}

std::optional<std::int64_t> amount(ngx_http_request_t* r, ngx_http_complex_value_t* value) {
    ngx_str_t text{};
    if (value == nullptr || ngx_http_complex_value(r, value, &text) != NGX_OK) {
        return std::nullopt;
    }
    return micro_credits_rounded_up(view(text));
}

bool uses_tokens(const RequestContext& context, const LocationConfiguration& location) {
    return location.meter && !has_free_method(context.request) && !is_free_call(*location.meter, view(context.request->uri));
}

bool is_priced_by_tokens(const RequestContext& context, const LocationConfiguration& location) {
    return location.cost == nullptr && !location.manages && main_configuration(context.request).prices && uses_tokens(context, location);
}

Reason find_reserve(RequestContext& context, const LocationConfiguration& location) {
    if (location.manages) {
        return Reason::none;
    }
    if (location.cost != nullptr) {
        const bool is_constant = location.cost->lengths == nullptr;
        const std::optional<std::int64_t> constant = is_constant ? amount(context.request, location.cost) : std::nullopt;
        return constant ? charge(context, location, *constant)
                        : charge_reserve(context, location, "The cost of this request is not known in advance");
    }
    if (!is_priced_by_tokens(context, location)) {
        return Reason::none;
    }
    if (context.model.len == 0) {
        return refuse(context, "model: is required");
    }
    const MainConfiguration& main = main_configuration(context.request);
    context.price = main.prices->find(view(context.model), provider_of(*location.meter));
    if (context.price == nullptr && !main.default_model.empty()) {
        context.price = main.prices->find(main.default_model, {});
    }
    if (context.price == nullptr) {
        context.problem = copy_to(context.request->pool, "Model " + std::string(view(context.model)) + " is not available here");
        return Reason::model_unpriced;
    }
    return reserve_tokens(context, location);
}

} // namespace api_key::module
