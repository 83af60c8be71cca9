#include "module/access/charge.h"

#include <algorithm>
#include <span>

#include "core/policy/request_outcome.h"
#include "core/tokens/served_price.h"
#include "module/access/cost.h"

namespace api_key::module {

namespace {

// If the upstream fails before its header has ended, nginx sets the status itself.
AskedUpstream asked_upstream(const ngx_http_upstream_state_t& state) {
    const bool has_answered = state.header_time != static_cast<ngx_msec_t>(-1);
    return {state.status, has_answered, state.bytes_sent != 0};
}

bool is_from_cache(const ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
    return r->cached != 0;
#else
    return r == nullptr;
#endif
}

// The outcome of the upstream that came furthest, of all that were tried.
RequestOutcome outcome_of(const ngx_http_request_t* r) {
    const ngx_uint_t status = r->err_status != 0 ? r->err_status : r->headers_out.status;
    const bool client_left = r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST || r->connection->error != 0;
    std::span<const ngx_http_upstream_state_t> states;
    if (r->upstream_states != nullptr) {
        states = {static_cast<const ngx_http_upstream_state_t*>(r->upstream_states->elts), r->upstream_states->nelts};
    }
    RequestOutcome furthest = RequestOutcome::failed;
    bool was_asked = false;
    for (const ngx_http_upstream_state_t& state : states) {
        if (state.peer != nullptr) {
            was_asked = true;
            furthest = std::max(furthest, outcome_of(asked_upstream(state), client_left));
        }
    }
    if (was_asked) {
        return furthest;
    }
    return is_from_cache(r) ? std::min(outcome_of_status(status), RequestOutcome::empty) : outcome_of_status(status);
}

AnswerEnd end_of_answer(const RequestContext& context) {
    if (!context.answer_ended) {
        return AnswerEnd::none;
    }
    const ngx_http_upstream_t* upstream = context.request->upstream;
    const bool is_framed = upstream == nullptr || upstream->headers_in.chunked != 0 || upstream->headers_in.content_length_n >= 0;
    return is_framed ? AnswerEnd::announced : AnswerEnd::at_close;
}

// The cost by `api_key_cost`: charged for every answer but an error.
std::int64_t set_cost(RequestContext& context, RequestOutcome outcome) {
    const std::optional<std::int64_t> reported = amount(context.request, context.charging->cost);
    return reported ? *reported : outcome == RequestOutcome::served ? context.reserve_micro_credits : 0;
}

// The cost by the reported usage, which the body of an error may contain too.
std::int64_t cost_of_tokens(const RequestContext& context) {
    const bool is_good = outcome_of_status(context.request->headers_out.status) == RequestOutcome::served;
    if (!is_good || context.meter == nullptr || context.price_list == nullptr || !context.meter->is_final(end_of_answer(context))) {
        return context.reserve_micro_credits;
    }
    const ServedPrice asked{context.price_list, context.multiplier_millionths, context.reserved_fees_micro_credits};
    const std::optional<ServedPrice> served = served_price(*context.price, context.meter->service(), asked, multiplier(context));
    if (!served) {
        return context.reserve_micro_credits;
    }
    return cost_micro_credits(*served->list, context.meter->usage(), served->multiplier_millionths) + served->fees_micro_credits;
}

} // namespace

std::int64_t true_cost(RequestContext& context) {
    const bool passed = context.progress == Progress::decided && context.status == 0;
    const RequestOutcome outcome = passed ? outcome_of(context.request) : RequestOutcome::failed;
    if (outcome == RequestOutcome::failed) {
        return 0;
    }
    if (context.charging->cost != nullptr) {
        return set_cost(context, outcome);
    }
    return outcome == RequestOutcome::served ? cost_of_tokens(context) : 0;
}

} // namespace api_key::module
