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

RememberedKeys::RememberedKeys(std::size_t connections) : memory_(connections * sizeof(Slot)) {
    if (memory_.data() != nullptr) {
        slots_ = {static_cast<Slot*>(memory_.data()), connections};
    }
}

RememberedKeys::Slot* RememberedKeys::slot_of(ngx_http_request_t* r) const {
    const auto index = static_cast<std::size_t>(lasting_connection(r) - ngx_cycle->connections);
    return index < slots_.size() ? &slots_[index] : nullptr;
}

RememberedKeys::Text RememberedKeys::padded(std::string_view text) {
    Text words{};
    std::memcpy(words.data(), text.data(), text.size());
    return words;
}

const RememberedKeys::Key* RememberedKeys::find(ngx_http_request_t* r, std::string_view text) const {
    const Slot* slot = slot_of(r);
    if (slot == nullptr || slot->length != text.size() || slot->length == 0 || slot->connection_number != lasting_connection(r)->number) {
        return nullptr;
    }
    const Text words = padded(text);
    std::uint64_t difference = 0;
    for (std::size_t index = 0; index < words.size(); index++) {
        difference |= words[index] ^ slot->text[index];
    }
    return difference == 0 ? &slot->key : nullptr;
}

void RememberedKeys::remember(ngx_http_request_t* r, std::string_view text, const Key& key) {
    Slot* slot = slot_of(r);
    if (slot == nullptr || text.size() > sizeof(Text)) {
        return;
    }
    slot->connection_number = lasting_connection(r)->number;
    slot->length = static_cast<std::uint8_t>(text.size());
    slot->key = key;
    slot->text = padded(text);
}

} // namespace api_key::module
