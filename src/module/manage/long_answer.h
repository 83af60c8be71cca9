// A large answer on its way to a client: a piece in each turn of the event loop, as fast as the client takes them. Filters that compress or
// encrypt have no more than that to do at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/ngx/ngx.h"

namespace api_key::module {

class LongAnswer {
  public:
    static constexpr std::size_t max_piece = std::size_t{64} * 1024;

    // Lives as long as the request; nothing of the texts is copied. The last of them is not empty.
    LongAnswer(ngx_http_request_t* r, std::vector<std::string> texts) : request_(r), texts_(std::move(texts)) {}

    // Ends with ngx_http_finalize_request, now or later.
    void start(ngx_uint_t status, std::string_view type);

  private:
    static void on_writable(ngx_http_request_t* r);
    void go_on();
    void wait();
    ngx_int_t send_piece();
    bool is_on_its_way() const { return piece_ != nullptr && piece_->pos != piece_->last; }

    ngx_http_request_t* request_;
    std::vector<std::string> texts_;
    std::size_t text_ = 0; // and place in it: what is sent next
    std::size_t place_ = 0;
    ngx_buf_t* piece_ = nullptr; // the last buffer of what was sent last
};

} // namespace api_key::module
