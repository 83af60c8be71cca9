#include "module/request/waiting.h"

namespace api_key::module {

namespace {

void run_phases(ngx_event_t* event) {
    auto* r = static_cast<RequestContext*>(event->data)->request;
    ngx_connection_t* connection = r->connection;
    ngx_http_set_log_request(connection->log, r);
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(connection);
}

void body_is_here(ngx_http_request_t* r) {
    RequestContext& context = *find_context(r);
    context.body_read = true;
    context.progress = Progress::fresh; // what was known of its key may be stale by then
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

} // namespace

void WaitingList::add(RequestContext& context) {
    waiting.push_back(&context);
    context.waits_for = this;
}

ngx_int_t suspend(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    if (context.resume == nullptr && (context.resume = static_cast<ngx_event_t*>(ngx_pcalloc(r->pool, sizeof(ngx_event_t)))) == nullptr) {
        stop_waiting(context); // or its answer would find nothing to resume it by
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    context.progress = Progress::waiting;
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);
    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return NGX_AGAIN;
}

void resume(RequestContext& context, Progress progress) {
    context.waits_for = nullptr;
    context.progress = progress;
    context.resume->handler = run_phases;
    context.resume->data = &context;
    context.resume->log = context.request->connection->log;
    ngx_post_event(context.resume, &ngx_posted_events);
}

ngx_int_t read_body(RequestContext& context) {
    ngx_http_request_t* r = context.request;
    const ngx_int_t result = ngx_http_read_client_request_body(r, body_is_here);
    if (result >= NGX_HTTP_SPECIAL_RESPONSE) {
        return result;
    }
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

} // namespace api_key::module
