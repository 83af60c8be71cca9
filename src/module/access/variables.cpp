#include "module/access/variables.h"

#include <array>

#include "core/text/money.h"
#include "module/access/identity.h"

namespace api_key::module {

namespace {

using Read = std::string_view (*)(const RequestContext&);

std::string_view of_record(const RequestContext& context, std::string_view RecordView::*member) {
    return context.has_record ? context.record->*member : std::string_view();
}

struct Variable {
    std::string_view name;
    bool of_key; // of the key, not of the decision
    Read read;
};

constexpr std::array<Variable, 8> texts{{
    {"api_key_name", true, [](const RequestContext& context) { return of_record(context, &RecordView::name); }},
    {"api_key_alias", true, [](const RequestContext& context) { return of_record(context, &RecordView::alias); }},
    {"api_key_category", true, [](const RequestContext& context) { return of_record(context, &RecordView::category); }},
    {"api_key_type", true, [](const RequestContext& context) { return of_record(context, &RecordView::type); }},
    {"api_key_plan", true, [](const RequestContext& context) { return of_record(context, &RecordView::plan); }},
    {"api_key_model", false, [](const RequestContext& context) { return view(context.model); }},
    {"api_key_result", false, [](const RequestContext& context) { return info(context.reason).name; }},
    {"api_key_cache", false, [](const RequestContext& context) { return cache::cache_words[static_cast<std::size_t>(context.cache)]; }},
}};

std::optional<std::uint64_t> of_record(const RequestContext& context, std::uint64_t RecordView::*member) {
    return context.has_record ? std::optional(context.record->*member) : std::nullopt;
}

// A count of a metered answer that has reported its usage.
template <class Count>
std::optional<std::uint64_t> of_usage(const RequestContext& context, Count count) {
    const TokenUsage usage = context.meter != nullptr ? context.meter->usage() : TokenUsage{};
    return usage.known ? std::optional(static_cast<std::uint64_t>(count(usage))) : std::nullopt;
}

struct Number {
    std::string_view name;
    bool of_key;
    std::optional<std::uint64_t> (*read)(const RequestContext& context);
};

constexpr std::array<Number, 4> numbers{{
    {"api_key_id", true, [](const RequestContext& context) { return of_record(context, &RecordView::id); }},
    {"api_key_account", true, [](const RequestContext& context) { return of_record(context, &RecordView::account); }},
    {"api_key_input_tokens", false,
     [](const RequestContext& context) { return of_usage(context, [](const TokenUsage& usage) { return usage.all_input(); }); }},
    {"api_key_output_tokens", false,
     [](const RequestContext& context) { return of_usage(context, [](const TokenUsage& usage) { return usage.output; }); }},
}};

const RequestContext* decided_context(ngx_http_request_t* r) {
    const RequestContext* context = find_context(r);
    return context != nullptr && context->progress == Progress::decided ? context : nullptr;
}

// For variables of the key itself, which are known before the decision if the cache holds the key.
const RequestContext* known_context(ngx_http_request_t* r) {
    const RequestContext* context = decided_context(r);
    return context != nullptr ? context : context_before_decision(r);
}

void set_text(ngx_http_variable_value_t* value, std::string_view text) {
    value->data = bytes(text);
    value->len = static_cast<unsigned>(text.size()) & 0xfff'ffffU;
    value->valid = 1;
    value->no_cacheable = 1;
    value->not_found = 0;
}

ngx_int_t get_text(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t index) {
    const RequestContext* context = texts[index].of_key ? known_context(r) : decided_context(r);
    set_text(value, context != nullptr ? texts[index].read(*context) : std::string_view());
    return NGX_OK;
}

ngx_int_t get_number(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t index) {
    const RequestContext* context = numbers[index].of_key ? known_context(r) : decided_context(r);
    const std::optional<std::uint64_t> number = context != nullptr ? numbers[index].read(*context) : std::nullopt;
    if (!number) {
        set_text(value, {});
        return NGX_OK;
    }
    auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, NGX_INT64_LEN));
    if (text == nullptr) {
        return NGX_ERROR;
    }
    const u_char* end = ngx_sprintf(text, "%uL", *number);
    set_text(value, {reinterpret_cast<const char*>(text), static_cast<std::size_t>(end - text)});
    return NGX_OK;
}

// The cost in credits, once the request is over.
ngx_int_t get_cost(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t /*index*/) {
    const RequestContext* context = decided_context(r);
    if (context == nullptr || !context->cost_micro_credits) {
        set_text(value, {});
        return NGX_OK;
    }
    const ngx_str_t text = copy_to(r->pool, format_micro_credits(*context->cost_micro_credits));
    set_text(value, view(text));
    return text.data != nullptr ? NGX_OK : NGX_ERROR;
}

ngx_int_t add(ngx_conf_t* cf, std::string_view name, ngx_http_get_variable_pt get, uintptr_t index) {
    ngx_str_t copy = copy_to(cf->pool, name);
    ngx_http_variable_t* variable = copy.data != nullptr ? ngx_http_add_variable(cf, &copy, NGX_HTTP_VAR_NOCACHEABLE) : nullptr;
    if (variable == nullptr) {
        return NGX_ERROR;
    }
    variable->get_handler = get;
    variable->data = index;
    return NGX_OK;
}

} // namespace

ngx_int_t add_variables(ngx_conf_t* cf) {
    for (std::size_t index = 0; index < texts.size(); index++) {
        if (add(cf, texts[index].name, get_text, index) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    for (std::size_t index = 0; index < numbers.size(); index++) {
        if (add(cf, numbers[index].name, get_number, index) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return add(cf, "api_key_cost", get_cost, 0);
}

} // namespace api_key::module
