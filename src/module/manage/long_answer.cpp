#include "module/manage/long_answer.h"

#include <algorithm>

#include "module/manage/call.h"
#include "module/request/response.h"

namespace api_key::module {

void LongAnswer::start(ngx_uint_t status, std::string_view type) {
    std::size_t size = 0;
    for (const std::string& text : texts_) {
        size += text.size();
    }
    request_->headers_out.status = status;
    set_content(request_, type, size);
    if (add_common_headers(request_) != NGX_OK) {
        return ngx_http_finalize_request(request_, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
    const ngx_int_t result = ngx_http_send_header(request_);
    if (result == NGX_ERROR || result > NGX_OK || request_->header_only) {
        return ngx_http_finalize_request(request_, result);
    }
    request_->read_event_handler = ngx_http_test_reading;
    request_->write_event_handler = on_writable;
    send_next();
}

void LongAnswer::on_writable(ngx_http_request_t* r) {
    deciding_context(r)->manage_call->long_answer()->send_next();
}

// Like ngx_http_writer, but a piece at a time.
void LongAnswer::send_next() {
    ngx_connection_t* connection = request_->connection;
    if (connection->write->timedout) {
        connection->timedout = 1;
        return ngx_http_finalize_request(request_, NGX_HTTP_REQUEST_TIME_OUT);
    }
    if (connection->write->delayed) {
        return wait();
    }
    const ngx_int_t result = is_sending() ? ngx_http_output_filter(request_, nullptr) : send_piece();
    if (result == NGX_ERROR || piece_->last_buf) {
        return ngx_http_finalize_request(request_, result); // this sends the rest of the last piece
    }
    if (is_sending()) {
        return wait();
    }
    if (connection->write->timer_set && !connection->write->delayed) {
        ngx_del_timer(connection->write);
    }
    ngx_post_event(connection->write, &ngx_posted_next_events);
}

void LongAnswer::wait() {
    ngx_connection_t* connection = request_->connection;
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(request_, ngx_http_core_module));
    if (!connection->write->delayed) {
        ngx_add_timer(connection->write, core->send_timeout);
    }
    if (ngx_handle_write_event(connection->write, core->send_lowat) != NGX_OK) {
        ngx_http_finalize_request(request_, NGX_ERROR);
    }
}

// Fills the piece from as many texts as fit.
ngx_int_t LongAnswer::send_piece() {
    ngx_chain_t* chain = nullptr;
    ngx_chain_t** next = &chain;
    for (std::size_t room = max_piece; room > 0 && text_ < texts_.size();) {
        std::string& text = texts_[text_];
        const std::size_t size = std::min(room, text.size() - offset_);
        if (size > 0) {
            *next = ngx_alloc_chain_link(request_->pool);
            piece_ = static_cast<ngx_buf_t*>(ngx_calloc_buf(request_->pool));
            if (*next == nullptr || piece_ == nullptr) {
                return NGX_ERROR;
            }
            piece_->pos = piece_->start = bytes(text) + offset_;
            piece_->last = piece_->end = piece_->pos + size;
            piece_->memory = 1;
            (*next)->buf = piece_;
            (*next)->next = nullptr;
            next = &(*next)->next;
        }
        room -= size;
        offset_ += size;
        if (offset_ == text.size()) {
            text_++;
            offset_ = 0;
        }
    }
    piece_->last_buf = piece_->last_in_chain = text_ == texts_.size() ? 1 : 0;
    return ngx_http_output_filter(request_, chain);
}

} // namespace api_key::module
