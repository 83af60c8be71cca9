// Sends a large answer a piece at a time, one in each turn of the event loop, as fast as the client takes them. This bounds the work of
// filters that compress or encrypt in one turn.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/ngx/ngx.h"

namespace api_key::module {

class LongAnswer {
  public:
    static constexpr std::size_t max_piece = std::size_t{64} * 1024;

    // Must live as long as the request, as the texts are not copied. The last text must not be empty.
    LongAnswer(ngx_http_request_t* r, std::vector<std::string> texts) : request_(r), texts_(std::move(texts)) {}

    // Ends with ngx_http_finalize_request, now or later.
    void start(ngx_uint_t status, std::string_view type);

  private:
    static void on_writable(ngx_http_request_t* r);
    void send_next();
    void wait();
    ngx_int_t send_piece();
    bool is_sending() const { return piece_ != nullptr && piece_->pos != piece_->last; }

    ngx_http_request_t* request_;
    std::vector<std::string> texts_;
    std::size_t text_ = 0; // text and offset in it to send next
    std::size_t offset_ = 0;
    ngx_buf_t* piece_ = nullptr; // the last buffer of the piece sent last
};

} // namespace api_key::module
