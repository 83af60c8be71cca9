#include "cache/request_ring.h"

#include <algorithm>
#include <cstring>

namespace api_key::cache {

namespace {

constexpr std::size_t longest_method = 16;
constexpr std::size_t longest_request_id = 64;
constexpr std::size_t longest_model = 128;

} // namespace

RequestTexts texts_of(const LoggedRequest& request) {
    std::string_view rest(request.text.data(), request.text.size());
    std::array<std::string_view, 4> texts;
    for (std::size_t index = 0; index < texts.size(); index++) {
        texts[index] = rest.substr(0, request.sizes[index]);
        rest.remove_prefix(texts[index].size());
    }
    return {texts[0], texts[1], texts[2], texts[3]};
}

bool RequestRing::push(const LoggedRequest& request, const RequestTexts& texts) const {
    std::uint64_t turn = header_.requests_written.load(std::memory_order_relaxed);
    do {
        const std::uint64_t sequence = cell(turn).sequence.load(std::memory_order_acquire);
        if (sequence < turn) {
            count_dropped(1);
            return false;
        }
        if (sequence > turn) {
            turn = header_.requests_written.load(std::memory_order_relaxed);
            continue;
        }
        if (header_.requests_written.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed)) {
            break;
        }
    } while (true);
    RequestCell& place = cell(turn);
    constexpr std::size_t fixed = offsetof(LoggedRequest, sizes);
    std::memcpy(&place.request, &request, fixed);
    const std::array<std::string_view, 4> all{texts.method.substr(0, longest_method), texts.request_id.substr(0, longest_request_id),
                                              texts.model.substr(0, longest_model), texts.path};
    std::size_t at = 0;
    for (std::size_t index = 0; index < all.size(); index++) {
        const std::size_t size = std::min(all[index].size(), LoggedRequest::text_size - at);
        place.request.sizes[index] = static_cast<std::uint16_t>(size);
        std::memcpy(place.request.text.data() + at, all[index].data(), size);
        at += size;
    }
    place.sequence.store(turn + 1, std::memory_order_release);
    return true;
}

bool RequestRing::pop(LoggedRequest& request) const {
    std::uint64_t turn = header_.requests_read.load(std::memory_order_relaxed);
    do {
        if (cell(turn).sequence.load(std::memory_order_acquire) != turn + 1) {
            return false;
        }
    } while (!header_.requests_read.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed));
    std::memcpy(&request, &cell(turn).request, sizeof request);
    cell(turn).sequence.store(turn + cells_.size(), std::memory_order_release);
    return true;
}

std::uint64_t RequestRing::size() const {
    const std::uint64_t read = header_.requests_read.load(std::memory_order_relaxed);
    return std::max(header_.requests_written.load(std::memory_order_relaxed), read) - read;
}

std::optional<RequestRing::Stuck> RequestRing::find_stuck() const {
    const std::uint64_t read = header_.requests_read.load(std::memory_order_acquire);
    const std::uint64_t written = header_.requests_written.load(std::memory_order_acquire);
    if (written > read && cell(read).sequence.load(std::memory_order_acquire) == read) {
        return Stuck{true, read};
    }
    if (written < read + cells_.size() && cell(written).sequence.load(std::memory_order_acquire) < written) {
        return Stuck{false, written};
    }
    return std::nullopt;
}

void RequestRing::free_stuck(const Stuck& stuck) const {
    std::uint64_t turn = stuck.turn;
    if (!stuck.is_writer) {
        cell(turn).sequence.store(turn, std::memory_order_release);
    } else if (header_.requests_read.compare_exchange_strong(turn, turn + 1, std::memory_order_acq_rel)) {
        cell(turn).sequence.store(turn + cells_.size(), std::memory_order_release);
    }
    count_dropped(1);
}

} // namespace api_key::cache
