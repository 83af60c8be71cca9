#include "module/request/author.h"

#include "module/request/response.h"

namespace api_key::module {

Author author_of(ngx_http_request_t* r, std::uint64_t key_id, const Peppers& peppers) {
    Author author;
    author.peppers = &peppers;
    author.key_id = key_id;
    author.address = view(r->connection->addr_text);
    author.request_id = request_id(r);
    author.now_ms = unix_ms();
    return author;
}

} // namespace api_key::module
