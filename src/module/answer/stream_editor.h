// Removes the usage chunk from a streamed answer whose upstream was asked for it in the client's place. Everything else stays in nginx's
// own buffers, which are busy until the client has taken them, so that a client that does not read still slows its upstream down.
#pragma once

#include "core/tokens/stream_usage.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

class StreamEditor {
  public:
    explicit StreamEditor(ngx_pool_t* pool) : pool_(pool) {}

    // Meters `in`, and returns in `out` what is to be passed on. NGX_ERROR when memory is short.
    ngx_int_t edit(ngx_chain_t* in, UsageMeter& meter, ngx_chain_t** out);

    // Call when `out` was passed on: frees the buffers that the client has taken.
    void release_sent(ngx_chain_t* out);

  private:
    // State while one buffer of the answer is edited.
    struct Piece {
        ngx_buf_t& source;
        ngx_chain_t*** end;               // where the next link goes
        ngx_chain_t* last = nullptr;      // last link to be passed on …
        ngx_chain_t* last_view = nullptr; // … and the last that was not copied
    };

    ngx_int_t edit_buffer(ngx_buf_t& source, UsageMeter& meter, ngx_chain_t**& end);
    bool add(const Passing& passing, Piece& piece);
    bool add_view(std::string_view text, Piece& piece);
    bool add_copy(std::string_view text, Piece& piece);
    bool add_marks(Piece& piece);
    void append(ngx_chain_t* link, Piece& piece);
    ngx_chain_t* take_copy(std::size_t size);

    ngx_pool_t* pool_;
    UsageChunkRemover remover_;
    ngx_chain_t* busy_ = nullptr; // in the order of the answer
    ngx_chain_t* free_views_ = nullptr;
    ngx_chain_t* free_copies_ = nullptr;
    bool is_flushed_ = true; // nothing was passed on since the last flush
};

} // namespace api_key::module
