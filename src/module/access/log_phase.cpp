#include "module/access/log_phase.h"

#include <span>

#include "module/access/charge.h"
#include "module/access/cost.h"
#include "module/credentials/log_guard.h"
#include "module/credentials/variable_guard.h"
#include "module/ngx/headers.h"
#include "module/request/request.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

void count_tokens(const RequestContext& context, cache::Metrics& metrics, MeterDialect dialect) {
    using cache::Counter;
    using cache::Unmetered;
    const TokenUsage usage = context.meter != nullptr ? context.meter->usage() : TokenUsage{};
    if (usage.known) {
        metrics.add(Counter::input_tokens, dialect, static_cast<std::uint64_t>(usage.all_input()));
        metrics.add(Counter::output_tokens, dialect, static_cast<std::uint64_t>(usage.output));
    } else if (uses_tokens(context, location_configuration(context.request)) && context.request->headers_out.status == NGX_HTTP_OK &&
               context.request->headers_out.content_length_n != 0) {
        metrics.add(Counter::unmetered, context.meter == nullptr ? Unmetered::compressed
                                        : context.answer_ended   ? Unmetered::not_told
                                                                 : Unmetered::cut_off);
    }
}

void count_request(const RequestContext& context, cache::Metrics& metrics) {
    using cache::Counter;
    if (context.progress != Progress::decided) {
        return;
    }
    metrics.add(Counter::results, context.reason);
    if (context.cache != CacheResult::none) {
        metrics.count(context.cache);
    }
    const LocationConfiguration& location = location_configuration(context.request);
    if (location.meter && context.reason == Reason::none) {
        count_tokens(context, metrics, *location.meter);
    }
    if (context.cost_micro_credits) {
        const auto provider = location.meter ? static_cast<cache::Provider>(*location.meter) : cache::Provider::other;
        metrics.add(Counter::micro_credits, provider, static_cast<std::uint64_t>(*context.cost_micro_credits));
    }
}

void settle(RequestContext& context, Worker& worker) {
    context.ended = true;
    if (context.charging != nullptr) {
        context.cost_micro_credits = true_cost(context);
        worker.money.settle(context, *context.cost_micro_credits);
    }
    count_request(context, worker.metrics);
    worker.records.note(context);
    if (location_configuration(context.request).manages && context.progress == Progress::decided) {
        worker.attempts.note(context);
    }
}

// State that masking changes and that a subrequest shares with its main request: header values, and evaluated variables.
struct Unmasked {
    ngx_http_request_t* request = nullptr;
    ngx_str_t request_line{};
    ngx_str_t unparsed_uri{};
    ngx_str_t args{};
    ngx_str_t* header_values = nullptr;
    ngx_http_variable_value_t* variables = nullptr;
};

Unmasked unmasked; // of the subrequest whose log line is being written

ngx_str_t* copy_header_values(ngx_http_request_t* r) {
    std::size_t count = 0;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t&) { count++; });
    auto* const values = static_cast<ngx_str_t*>(ngx_palloc(r->pool, count * sizeof(ngx_str_t)));
    ngx_str_t* value = values;
    if (values != nullptr) {
        for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t& header) { *value++ = header.value; });
    }
    return values;
}

ngx_http_variable_value_t* copy_variables(ngx_http_request_t* r) {
    const auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const std::size_t size = core->variables.nelts * sizeof(ngx_http_variable_value_t);
    auto* copy = static_cast<ngx_http_variable_value_t*>(ngx_palloc(r->pool, size));
    if (copy != nullptr) {
        std::memcpy(copy, r->variables, size);
    }
    return copy;
}

void keep_unmasked(ngx_http_request_t* r) {
    ngx_str_t* const values = copy_header_values(r);
    ngx_http_variable_value_t* const variables = copy_variables(r);
    if (values != nullptr && variables != nullptr) {
        unmasked = {r, r->request_line, r->unparsed_uri, r->args, values, std::exchange(r->variables, variables)};
    }
}

void put_back_unmasked(ngx_http_request_t* r) {
    const ngx_str_t* value = unmasked.header_values;
    for_each_header(r->headers_in.headers, [&](ngx_table_elt_t& header) { header.value = *value++; });
    const ngx_http_variable_value_t* const variables = std::exchange(r->variables, unmasked.variables);
    const ngx_int_t request_id = main_configuration(r).request_id_variable;
    r->variables[request_id] = variables[request_id]; // the log line may have been the first to evaluate it
    r->request_line = unmasked.request_line;
    r->unparsed_uri = unmasked.unparsed_uri;
    r->args = unmasked.args;
    unmasked = {};
}

} // namespace

ngx_int_t begin_log(ngx_http_request_t* r) {
    if (r != r->main) {
        keep_unmasked(r);
    } else if (RequestContext* context = find_context(r); context != nullptr && worker() != nullptr && !context->ended) {
        settle(*context, *worker());
    }
    return mask_before_log(r);
}

ngx_int_t end_log(ngx_http_request_t* r) {
    unguard_log();
    if (unmasked.request == r) {
        put_back_unmasked(r);
    }
    return NGX_OK;
}

} // namespace api_key::module
