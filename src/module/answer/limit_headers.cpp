#include "module/answer/limit_headers.h"

#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

bool is_limit(Reason reason) {
    return reason == Reason::rate_limited || reason == Reason::quota_exceeded;
}

bool is_shortage(Reason reason) {
    return reason == Reason::key_spend_exceeded || reason == Reason::wallet_empty;
}

// The missing money is reserved for requests in flight, most of which cost less.
bool may_have_enough_soon(const RequestContext& context, Reason reason) {
    return is_shortage(reason) && context.reserve_micro_credits <= context.shortage.most;
}

std::optional<std::int64_t> wait_s(const RequestContext& context, Reason reason) {
    if (reason == Reason::store_unavailable) {
        return 1;
    }
    return is_limit(reason) ? retry_after_s(context.refusal->state.reset_ms, context.store_clock_ms(ngx_current_msec)) : std::nullopt;
}

} // namespace

ngx_int_t add_rate_limit_headers(ngx_http_request_t* r) {
    const Worker* const the_worker = worker();
    const RequestContext* context = r == r->main ? find_context(r) : nullptr;
    if (the_worker == nullptr || context == nullptr || !context->has_limits) {
        return NGX_OK;
    }
    const std::optional<WindowStates> states = the_worker->limits.states(*context);
    if (!states) {
        return NGX_OK;
    }
    if (add_response_header(r, "RateLimit-Policy", rate_limit_policy(*states)) != NGX_OK) {
        return NGX_ERROR;
    }
    return add_response_header(r, "RateLimit", rate_limit(*states, context->store_clock_ms(ngx_current_msec)));
}

ngx_int_t add_retry_headers(ngx_http_request_t* r, const RequestContext& context, Reason reason) {
    const ngx_uint_t status = r->headers_out.status;
    if (may_have_enough_soon(context, reason)) {
        const bool waits = add_response_header(r, "Retry-After", "1") == NGX_OK;
        return waits ? add_response_header(r, "X-Should-Retry", "true") : NGX_ERROR;
    }
    if (status != NGX_HTTP_UNAUTHORIZED && status != 402 && status != NGX_HTTP_FORBIDDEN) {
        if (const auto seconds = wait_s(context, reason)) {
            return add_response_header(r, "Retry-After", std::to_string(*seconds));
        }
        if (!is_limit(reason)) {
            return NGX_OK;
        }
    }
    return add_response_header(r, "X-Should-Retry", "false");
}

void describe_limit(const RequestContext& context, Reason reason, Answer& answer) {
    if (is_shortage(reason)) {
        const store::MoneyState& state = context.shortage;
        const std::int64_t needed = context.reserve_micro_credits;
        answer.spend = SpendDetail{reason == Reason::wallet_empty ? "wallet" : "monthlyLimit", state.used, state.cap, needed};
        if (state.reset_ms != 0 && !may_have_enough_soon(context, reason)) {
            answer.reset_ms = state.reset_ms;
        }
        return;
    }
    if (!is_limit(reason)) {
        return;
    }
    const cache::Refusal& refusal = *context.refusal;
    answer.limit = LimitDetail{window_name(refusal.window), refusal.state.used, refusal.state.limit};
    if (refusal.state.reset_ms != 0) {
        answer.reset_ms = refusal.state.reset_ms;
    }
}

} // namespace api_key::module
