#include "module/credentials/remembered_keys.h"

namespace api_key::module {

namespace {

// Each HTTP/2 request has a connection object of its own; this returns the client's connection below it, which lasts.
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

RememberedKeys::Text RememberedKeys::padded(std::string_view text) {
    Text words{};
    std::memcpy(words.data(), text.data(), text.size());
    return words;
}

const RememberedKeys::Key* RememberedKeys::find(ngx_http_request_t* r, std::string_view text) const {
    const Place* place = place_of(r);
    if (place == nullptr || place->length != text.size() || place->length == 0 ||
        place->connection_number != lasting_connection(r)->number) {
        return nullptr;
    }
    const Text words = padded(text);
    std::uint64_t difference = 0;
    for (std::size_t index = 0; index < words.size(); index++) {
        difference |= words[index] ^ place->text[index];
    }
    return difference == 0 ? &place->key : nullptr;
}

void RememberedKeys::remember(ngx_http_request_t* r, std::string_view text, const Key& key) {
    Place* place = place_of(r);
    if (place == nullptr || text.size() > sizeof(Text)) {
        return;
    }
    place->connection_number = lasting_connection(r)->number;
    place->length = static_cast<std::uint8_t>(text.size());
    place->key = key;
    place->text = padded(text);
}

} // namespace api_key::module
