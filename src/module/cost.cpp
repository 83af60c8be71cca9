#include "module/cost.h"

#include "core/money.h"

namespace api_key::module {

namespace {

// What an API puts around a request's own words: system prompts of tools, marks of messages.
constexpr std::int64_t template_tokens = 1024;

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

// Lists, states and files are looked at for nothing.
bool only_looks(const ngx_http_request_t* r) {
    constexpr ngx_uint_t reading = NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_DELETE;
    return (r->method & reading) != 0;
}

std::int64_t multiplier(const RequestContext& context) {
    return context.plan != nullptr ? context.plan->multiplier_millionths : 1'000'000;
}

// Nothing when a variable says nothing that is an amount.
std::optional<std::int64_t> amount(ngx_http_request_t* r, ngx_http_complex_value_t* value) {
    ngx_str_t text{};
    if (value == nullptr || ngx_http_complex_value(r, value, &text) != NGX_OK) {
        return std::nullopt;
    }
    return micro_credits_rounded_up(view(text));
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
    return reserve ? charge(context, location, *reserve) : refuse(context, otherwise);
}

Reason reserve_tokens(RequestContext& context, const LocationConfiguration& location) {
    const ModelPrice& price = *context.price;
    if (price.standard().is_free()) {
        return charge(context, location, 0);
    }
    const RequestSize& size = context.asked;
    std::optional<std::int64_t> input = size.bytes + template_tokens; // a token is a byte at the least
    if (size.input_elsewhere) {
        input = price.max_input_tokens;
    } else if (price.max_input_tokens) {
        input = std::min(*input, *price.max_input_tokens);
    }
    std::optional<std::int64_t> output = size.max_output_tokens;
    if (price.max_output_tokens && (!output || *output > *price.max_output_tokens)) {
        output = price.max_output_tokens;
    }
    if (!input) {
        return charge_reserve(context, location, "The cost of input that is not in the request itself is not known for this model");
    }
    if (!output) {
        return charge_reserve(context, location, "max_tokens: is required for this model");
    }
    return charge(context, location, worst_cost_micro_credits(price.standard(), *input, *output * size.choices, multiplier(context)));
}

// No upstream was given anything, or the upstream's answer was an error: nobody charges for that.
bool has_failed(ngx_http_request_t* r) {
    const ngx_uint_t status = r->err_status != 0 ? r->err_status : r->headers_out.status;
    if (r->upstream_states == nullptr || r->upstream_states->nelts == 0) {
        return status >= NGX_HTTP_BAD_REQUEST;
    }
    const auto* states = static_cast<const ngx_http_upstream_state_t*>(r->upstream_states->elts);
    for (ngx_uint_t index = 0; index < r->upstream_states->nelts; index++) {
        const ngx_http_upstream_state_t& state = states[index];
        const bool answered = state.header_time != static_cast<ngx_msec_t>(-1);
        const bool in_vain = answered ? state.status >= NGX_HTTP_BAD_REQUEST : state.bytes_sent == 0;
        if (state.peer != nullptr && !in_vain) {
            return false;
        }
    }
    return true;
}

std::optional<std::int64_t> told_cost(RequestContext& context) {
    const LocationConfiguration& location = *context.charging;
    ngx_http_request_t* r = context.request;
    if (location.cost != nullptr) {
        const bool is_constant = location.cost->lengths == nullptr;
        return is_constant && has_failed(r) ? std::nullopt : amount(r, location.cost);
    }
    if (context.meter == nullptr || context.price == nullptr || !context.meter->is_whole(context.answer_ended)) {
        return std::nullopt;
    }
    return cost_micro_credits(context.price->standard(), context.meter->usage(), multiplier(context));
}

} // namespace

bool is_priced_by_tokens(const RequestContext& context, const LocationConfiguration& location) {
    return location.meter && location.cost == nullptr && !location.manages && main_configuration(context.request).prices &&
           !only_looks(context.request);
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

std::int64_t true_cost(RequestContext& context) {
    const bool passed = context.progress == Progress::decided && context.status == 0;
    if (!passed) {
        return 0;
    }
    if (const std::optional<std::int64_t> cost = told_cost(context)) {
        return *cost;
    }
    return has_failed(context.request) ? 0 : context.reserve_micro_credits;
}

} // namespace api_key::module
