#include "module/answer/stream_editor.h"

#include <algorithm>
#include <bit>

namespace api_key::module {

namespace {

constexpr std::size_t min_copy = 1024;

void* const buffer_tag = &ngx_http_api_key_filter_module;

ngx_chain_t* make_link(ngx_pool_t* pool) {
    ngx_chain_t* link = ngx_alloc_chain_link(pool);
    if (link == nullptr) {
        return nullptr;
    }
    link->next = nullptr;
    link->buf = static_cast<ngx_buf_t*>(ngx_calloc_buf(pool));
    return link->buf != nullptr ? link : nullptr;
}

ngx_chain_t* take_first(ngx_chain_t*& chain) {
    ngx_chain_t* const link = chain;
    chain = link->next;
    link->next = nullptr;
    return link;
}

void put_first(ngx_chain_t*& chain, ngx_chain_t* link) {
    link->next = chain;
    chain = link;
}

void consume(ngx_buf_t& buffer) {
    buffer.pos = buffer.last;
    buffer.file_pos = buffer.file_last;
}

} // namespace

ngx_int_t StreamEditor::edit(ngx_chain_t* in, UsageMeter& meter, ngx_chain_t** out) {
    *out = nullptr;
    ngx_chain_t** end = out;
    for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
        if (edit_buffer(*link->buf, meter, end) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

ngx_int_t StreamEditor::edit_buffer(ngx_buf_t& source, UsageMeter& meter, ngx_chain_t**& end) {
    Piece piece{source, &end};
    if (ngx_buf_in_memory(&source)) {
        const std::string_view text(reinterpret_cast<const char*>(source.pos), static_cast<std::size_t>(source.last - source.pos));
        if (!add(remover_.feed(text, meter), piece)) {
            return NGX_ERROR;
        }
    }
    if (source.last_buf != 0 && !add(remover_.finish(), piece)) {
        return NGX_ERROR;
    }
    if (piece.last_view != nullptr) {
        piece.last_view->buf->shadow = &source;
    } else {
        consume(source);
    }
    return add_marks(piece) ? NGX_OK : NGX_ERROR;
}

bool StreamEditor::add(const Passing& passing, Piece& piece) {
    return (passing.buffered.empty() || add_copy(passing.buffered, piece)) &&
           std::all_of(passing.fed.begin(), passing.fed.end(), [&](std::string_view text) { return add_view(text, piece); });
}

bool StreamEditor::add_view(std::string_view text, Piece& piece) {
    ngx_chain_t* const link = free_views_ != nullptr ? take_first(free_views_) : make_link(pool_);
    if (link == nullptr) {
        return false;
    }
    ngx_buf_t& buffer = *link->buf;
    buffer = {};
    buffer.start = buffer.pos = bytes(text);
    buffer.end = buffer.last = buffer.pos + text.size();
    buffer.memory = 1;
    piece.last_view = link;
    append(link, piece);
    return true;
}

bool StreamEditor::add_copy(std::string_view text, Piece& piece) {
    ngx_chain_t* const link = take_copy(text.size());
    if (link == nullptr) {
        return false;
    }
    ngx_buf_t& buffer = *link->buf;
    u_char* const start = buffer.start;
    u_char* const end = buffer.end;
    buffer = {};
    buffer.start = buffer.pos = start;
    buffer.end = end;
    buffer.last = ngx_cpymem(start, text.data(), text.size());
    buffer.temporary = 1;
    append(link, piece);
    return true;
}

// Sizes are powers of two, so that a few buffers serve events of any size.
ngx_chain_t* StreamEditor::take_copy(std::size_t size) {
    for (ngx_chain_t** link = &free_copies_; *link != nullptr; link = &(*link)->next) {
        if (static_cast<std::size_t>((*link)->buf->end - (*link)->buf->start) >= size) {
            return take_first(*link);
        }
    }
    const std::size_t room = std::bit_ceil(std::max(size, min_copy));
    ngx_chain_t* const link = make_link(pool_);
    auto* const start = link != nullptr ? static_cast<u_char*>(ngx_palloc(pool_, room)) : nullptr;
    if (start == nullptr) {
        return nullptr;
    }
    link->buf->start = start;
    link->buf->end = start + room;
    return link;
}

void StreamEditor::append(ngx_chain_t* link, Piece& piece) {
    link->buf->tag = buffer_tag;
    link->buf->recycled = piece.source.recycled;
    piece.last = link;
    **piece.end = link;
    *piece.end = &link->next;
    is_flushed_ = false;
}

// Puts the source's end and flush marks on the last part that passes, or on a buffer of their own.
bool StreamEditor::add_marks(Piece& piece) {
    const ngx_buf_t& source = piece.source;
    if (piece.last == nullptr) {
        const bool flushes = source.flush != 0 && !is_flushed_;
        if (!flushes && source.last_buf == 0 && source.sync == 0) {
            return true;
        }
        ngx_chain_t* const link = make_link(pool_); // not reused: nginx may still hold it after everything before it was sent
        if (link == nullptr) {
            return false;
        }
        append(link, piece);
    }
    ngx_buf_t& buffer = *piece.last->buf;
    buffer.flush = source.flush;
    buffer.sync = source.sync;
    buffer.last_buf = source.last_buf;
    buffer.last_in_chain = source.last_in_chain;
    is_flushed_ = source.flush != 0;
    return true;
}

void StreamEditor::release_sent(ngx_chain_t* out) {
    ngx_chain_t** end = &busy_;
    while (*end != nullptr) {
        end = &(*end)->next;
    }
    *end = out;
    while (busy_ != nullptr && ngx_buf_size(busy_->buf) == 0) {
        ngx_chain_t* const link = take_first(busy_);
        if (link->buf->shadow != nullptr) {
            consume(*link->buf->shadow);
        }
        if (link->buf->temporary != 0) {
            put_first(free_copies_, link);
        } else if (link->buf->memory != 0) {
            put_first(free_views_, link);
        } else {
            ngx_free_chain(pool_, link);
        }
    }
}

} // namespace api_key::module
