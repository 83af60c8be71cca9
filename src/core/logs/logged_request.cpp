#include "core/logs/logged_request.h"

#include <algorithm>
#include <cstring>

#include "core/policy/reason.h"

namespace api_key {

namespace {

constexpr std::size_t fixed_size = offsetof(LoggedRequest, text);
constexpr std::array<std::size_t, 4> longest{16, 64, 128, LoggedRequest::text_size};

std::optional<std::int64_t> known(std::int64_t number) {
    return number >= 0 ? std::optional(number) : std::nullopt;
}

} // namespace

void set_texts(LoggedRequest& request, const RequestTexts& texts) {
    const std::array<std::string_view, 4> all{texts.method, texts.request_id, texts.model, texts.path};
    std::size_t at = 0;
    for (std::size_t index = 0; index < all.size(); index++) {
        const std::size_t size = std::min({all[index].size(), longest[index], LoggedRequest::text_size - at});
        request.sizes[index] = static_cast<std::uint16_t>(size);
        all[index].copy(request.text.data() + at, size);
        at += size;
    }
}

void pack(const LoggedRequest& request, std::string& out) {
    std::size_t size = fixed_size;
    for (const std::uint16_t text : request.sizes) {
        size += text;
    }
    out.append(reinterpret_cast<const char*>(&request), std::min(size, sizeof request));
}

std::optional<RequestLogEntry> unpack_request(std::string_view& packed) {
    LoggedRequest request{};
    if (packed.size() < fixed_size) {
        packed = {};
        return std::nullopt;
    }
    std::memcpy(&request, packed.data(), fixed_size);
    packed.remove_prefix(fixed_size);
    std::array<std::string_view, 4> texts;
    for (std::size_t index = 0; index < texts.size(); index++) {
        if (request.sizes[index] > packed.size()) {
            packed = {};
            return std::nullopt;
        }
        texts[index] = packed.substr(0, request.sizes[index]);
        packed.remove_prefix(request.sizes[index]);
    }
    RequestLogEntry entry;
    entry.account = request.account;
    entry.key_id = request.key_id;
    entry.at_ms = request.at_ms;
    entry.method = texts[0];
    entry.request_id = texts[1];
    entry.model = texts[2];
    entry.path = texts[3];
    entry.status = request.status;
    entry.first_byte_ms = known(request.first_byte_ms);
    entry.address = format_address(request.address);
    entry.cost_micro_credits = known(request.cost);
    entry.input_tokens = known(request.input_tokens);
    entry.output_tokens = known(request.output_tokens);
    entry.result = reason_name(request.result);
    return entry;
}

} // namespace api_key
