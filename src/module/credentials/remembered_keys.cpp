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
    const ngx_atomic_uint_t connection_number = lasting_connection(r)->number;
    if (std::exchange(slot->connection_number, connection_number) != connection_number) {
        slot->record = nullptr; // it went with its connection
    } else if (slot->record != nullptr) {
        slot->record->is_of_key = false;
    }
    slot->length = static_cast<std::uint8_t>(text.size());
    slot->key = key;
    slot->text = padded(text);
}

RememberedKeys::Slot* RememberedKeys::slot_with(ngx_http_request_t* r, const Digest& digest) const {
    Slot* slot = slot_of(r);
    const bool has_key =
        slot != nullptr && slot->length != 0 && slot->connection_number == lasting_connection(r)->number && slot->key.digest == digest;
    return has_key ? slot : nullptr;
}

HeldRecord* RememberedKeys::find_record(ngx_http_request_t* r, const Digest& digest) const {
    const Slot* slot = slot_with(r, digest);
    return slot != nullptr && slot->record != nullptr && slot->record->is_of_key ? slot->record : nullptr;
}

HeldRecord* RememberedKeys::make_record(ngx_connection_t& connection, std::size_t size) {
    constexpr std::size_t step = HeldRecord::max_size / 4; // so that longer and longer records take little of a pool that never gives back
    const std::size_t room = (size + step - 1) / step * step;
    auto* record = static_cast<HeldRecord*>(ngx_palloc(connection.pool, sizeof(HeldRecord) + room));
    if (record != nullptr) {
        new (record) HeldRecord{.size = static_cast<std::uint32_t>(room), .hit = {}, .view = {}};
    }
    return record;
}

HeldRecord* RememberedKeys::remember_record(ngx_http_request_t* r, const Digest& digest, const cache::Zone& zone, const cache::Hit& hit) {
    Slot* slot = slot_with(r, digest);
    if (slot == nullptr || hit.packed_size > HeldRecord::max_size || (slot->record != nullptr && slot->record->readers != 0)) {
        return nullptr;
    }
    if (slot->record == nullptr || slot->record->size < hit.packed_size) {
        slot->record = make_record(*lasting_connection(r), hit.packed_size);
    }
    HeldRecord* const record = slot->record;
    if (record == nullptr) {
        return nullptr;
    }
    const std::span<std::byte> packed = record->room().first(hit.packed_size);
    record->is_of_key = false;
    if (zone.copy(hit, packed)) {
        const std::optional<RecordView> view = unpack(packed);
        record->is_of_key = view.has_value();
        record->view = view.value_or(no_record);
        record->hit = hit;
    }
    return record->is_of_key ? record : nullptr;
}

} // namespace api_key::module
