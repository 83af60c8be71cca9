// How a management call runs an operation and ends.
#include "module/manage/call.h"

namespace api_key::module {

void send_refusal(ngx_http_request_t* r, ngx_uint_t status, std::string_view message, std::string_view code, std::string_view field) {
    const ErrorFormat format = error_format(location_configuration(r));
    Answer answer;
    answer.status = static_cast<std::uint16_t>(status);
    answer.message = message;
    answer.code = code;
    answer.param = field;
    answer.request_id = request_id(r);
    if (status == NGX_HTTP_SERVICE_UNAVAILABLE) {
        add_response_header(r, "Retry-After", "1");
    }
    ngx_http_finalize_request(r, send_body(r, status, content_type(format), render(format, answer)));
}

void ManageCall::run_flow(std::unique_ptr<store::Flow> flow, Done answer) {
    answer_ = answer;
    const bool reads = target_.route->method == ManageMethod::get;
    client_ = &worker_.link.client(reads ? Lane::reads : Lane::writes);
    operation_ = client_->run(std::move(flow), done, this, reads ? account() : 0);
    if (operation_ == nullptr) {
        return refuse(NGX_HTTP_SERVICE_UNAVAILABLE, info(Reason::store_unavailable).message, "store_unavailable");
    }
    request_->read_event_handler = ngx_http_test_reading;
    request_->write_event_handler = ngx_http_request_empty_handler;
}

void ManageCall::done(void* data, store::Flow& flow) {
    auto& self = *static_cast<ManageCall*>(data);
    ngx_connection_t* connection = self.request_->connection;
    ngx_http_set_log_request(connection->log, self.request_);
    self.operation_ = nullptr;
    if (flow.outcome() == store::Outcome::done) {
        self.answer_(self, flow);
    } else {
        self.answer_failure(flow);
    }
    ngx_http_run_posted_requests(connection);
}

void ManageCall::answer_failure(const store::Flow& flow) {
    switch (flow.outcome()) {
    case store::Outcome::not_found:
        return refuse(NGX_HTTP_NOT_FOUND, "API key not found", "not_found");
    case store::Outcome::conflict:
        break;
    case store::Outcome::done:
    case store::Outcome::unavailable:
        note_problem(flow.reason());
        return refuse(NGX_HTTP_SERVICE_UNAVAILABLE, info(Reason::store_unavailable).message, "store_unavailable");
    }
    switch (flow.conflict()) {
    case store::Conflict::alias_taken:
        return refuse(NGX_HTTP_CONFLICT, "alias: another key of this account has it", "alias_taken", "alias");
    case store::Conflict::key_was_used:
        return refuse(NGX_HTTP_CONFLICT, "A key that was used cannot be deleted: deactivate it instead", "key_was_used");
    case store::Conflict::idempotency_mismatch:
        return refuse(422, "This Idempotency-Key was used for another request", "idempotency_mismatch", "Idempotency-Key");
    case store::Conflict::account_inactive:
        return refuse(NGX_HTTP_FORBIDDEN, "This account is inactive", "account_inactive");
    case store::Conflict::too_often:
        return refuse_too_often(flow.wait_ms());
    case store::Conflict::too_many:
        return refuse(NGX_HTTP_CONFLICT, "This account has as many keys as it may have: delete some, or ask for more", "too_many_keys");
    case store::Conflict::too_much:
        return refuse(NGX_HTTP_BAD_REQUEST,
                      "from: these are more counters than are read for one answer: ask for less time, or larger buckets", "request_invalid",
                      "from");
    case store::Conflict::balance_too_large:
    case store::Conflict::record_changed:
    case store::Conflict::hold_lost:
    case store::Conflict::none:
        break;
    }
    refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "Internal error");
}

void ManageCall::refuse_too_often(std::int64_t wait_ms) {
    const std::string seconds = std::to_string((wait_ms + 999) / 1000);
    add_response_header(request_, "Retry-After", seconds);
    refuse(NGX_HTTP_TOO_MANY_REQUESTS, "This account changes too much at once: try again in " + seconds + " s", "too_many_changes");
}

void ManageCall::refuse(ngx_uint_t status, std::string_view message, std::string_view code, std::string_view field) {
    send_refusal(request_, status, message, code, field);
}

void ManageCall::refuse_invalid(const Error& error) {
    refuse(NGX_HTTP_BAD_REQUEST, error.message, "request_invalid", error.field);
}

void ManageCall::refuse_unknown_action() {
    ngx_log_error(NGX_LOG_ALERT, request_->connection->log, 0, "api_key: no handler for this route of the management API");
    refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "Internal error");
}

void ManageCall::send_when_confirmed(std::uint64_t sequence, ngx_uint_t status, std::string body) {
    if (sequence == 0) {
        return send(status, body);
    }
    worker_.zone.invalidate_key(*target_.id);
    confirmed_status_ = status;
    *confirmed_body_ = std::move(body);
    worker_.barrier.wait(sequence, confirmed, this);
}

void ManageCall::confirmed(void* data, const std::vector<std::string>& behind) {
    auto& self = *static_cast<ManageCall*>(data);
    ngx_connection_t* connection = self.request_->connection;
    ngx_http_set_log_request(connection->log, self.request_);
    std::string names;
    for (const std::string& node : behind) {
        names += (names.empty() ? "" : ", ") + node;
    }
    if (!names.empty()) {
        add_response_header(self.request_, "X-Unconfirmed-Nodes", names);
        if (self.confirmed_body_->ends_with('}')) {
            self.confirmed_body_->insert(self.confirmed_body_->size() - 1, R"(,"unconfirmedNodes":)" + write_texts(behind));
        }
        ngx_log_error(NGX_LOG_WARN, connection->log, 0, "api_key: a change of key %uL is not confirmed by %s", *self.target_.id,
                      names.c_str());
    }
    self.send(self.confirmed_status_, *self.confirmed_body_);
    ngx_http_run_posted_requests(connection);
}

void ManageCall::send(ngx_uint_t status, std::string_view body) {
    if (body.size() > LongAnswer::max_piece) {
        return send_pieces(status, {std::string(body)});
    }
    finalize(send_body(request_, status, "application/json", body));
}

void ManageCall::send_pieces(ngx_uint_t status, std::vector<std::string> texts, std::string_view type) {
    long_answer_.emplace(request_, std::move(texts));
    long_answer_->start(status, type);
}

void ManageCall::finalize(ngx_int_t result) {
    ngx_http_finalize_request(request_, result);
}

} // namespace api_key::module
