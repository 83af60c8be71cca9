#include "module/remembered_keys.h"

#include <openssl/crypto.h>

namespace api_key::module {

namespace {

// HTTP/2 requests have a connection object each; what lasts is the one below.
ngx_connection_t* lasting_connection(ngx_http_request_t* r) {
#if (NGX_HTTP_V2)
    if (r->stream != nullptr) {
        return r->stream->connection->connection;
    }
#endif
    return r->connection;
}

} // namespace

RememberedKeys::RememberedKeys(std::size_t connections) : memory_(connections * sizeof(Place)) {
    if (memory_.data() != nullptr) {
        places_ = {static_cast<Place*>(memory_.data()), connections};
    }
}

RememberedKeys::Place* RememberedKeys::place_of(ngx_http_request_t* r) const {
    const auto index = static_cast<std::size_t>(lasting_connection(r) - ngx_cycle->connections);
    return index < places_.size() ? &places_[index] : nullptr;
}

const RememberedKeys::Key* RememberedKeys::find(ngx_http_request_t* r, std::string_view text) const {
    const Place* place = place_of(r);
    if (place == nullptr || place->length != text.size() || place->length == 0 ||
        place->connection_number != lasting_connection(r)->number || CRYPTO_memcmp(place->text, text.data(), text.size()) != 0) {
        return nullptr;
    }
    return &place->key;
}

void RememberedKeys::remember(ngx_http_request_t* r, std::string_view text, const Key& key) {
    Place* place = place_of(r);
    if (place == nullptr || text.size() > sizeof(place->text)) {
        return;
    }
    place->connection_number = lasting_connection(r)->number;
    place->length = static_cast<std::uint8_t>(text.size());
    place->key = key;
    std::memcpy(place->text, text.data(), text.size());
}

} // namespace api_key::module
