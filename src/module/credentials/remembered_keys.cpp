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

// All words of two texts of the same length, the last ones overlapping, so that a comparison takes the same time for every key of a length.
bool RememberedKeys::is_same(std::string_view text, const Slot& slot) {
    const auto difference_at = [&](std::size_t at) {
        std::uint64_t one = 0;
        std::uint64_t other = 0;
        std::memcpy(&one, text.data() + at, word_size);
        std::memcpy(&other, slot.text.data() + at, word_size);
        return one ^ other;
    };
    std::uint64_t difference = difference_at(text.size() - word_size);
    for (std::size_t at = 0; at + word_size < text.size(); at += word_size) {
        difference |= difference_at(at);
    }
    return difference == 0;
}

const RememberedKeys::Key* RememberedKeys::find(ngx_http_request_t* r, std::string_view text) const {
    const Slot* slot = slot_of(r);
    if (slot == nullptr || slot->length != text.size() || slot->length == 0 || slot->connection_number != lasting_connection(r)->number) {
        return nullptr;
    }
    return is_same(text, *slot) ? &slot->key : nullptr;
}

void RememberedKeys::remember(ngx_http_request_t* r, std::string_view text, const Key& key) {
    Slot* slot = slot_of(r);
    if (slot == nullptr || text.size() > slot->text.size() || text.size() < word_size) {
        return;
    }
    const ngx_atomic_uint_t connection_number = lasting_connection(r)->number;
    if (std::exchange(slot->connection_number, connection_number) != connection_number) {
        slot->room = nullptr; // it went with its connection
    }
    slot->length = static_cast<std::uint8_t>(text.size());
    slot->key = key;
    text.copy(slot->text.data(), text.size());
}

RememberedKeys::Slot* RememberedKeys::slot_with(ngx_http_request_t* r, const Digest& digest) const {
    Slot* slot = slot_of(r);
    const bool has_key =
        slot != nullptr && slot->length != 0 && slot->connection_number == lasting_connection(r)->number && slot->key.digest == digest;
    return has_key ? slot : nullptr;
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
    if (slot == nullptr || hit.packed_size > HeldRecord::max_size || (slot->room != nullptr && slot->room->readers != 0)) {
        return nullptr;
    }
    slot->key.record = nullptr;
    if (slot->room == nullptr || slot->room->size < hit.packed_size) {
        slot->room = make_record(*lasting_connection(r), hit.packed_size);
    }
    if (slot->room == nullptr) {
        return nullptr;
    }
    const std::span<std::byte> packed = slot->room->room().first(hit.packed_size);
    if (zone.copy(hit, packed)) {
        if (const std::optional<RecordView> view = unpack(packed)) {
            slot->room->view = *view;
            slot->room->hit = hit;
            slot->key.record = slot->room;
        }
    }
    return slot->key.record;
}

} // namespace api_key::module
