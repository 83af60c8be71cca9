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

// Without a call for the lengths that most texts have.
void copy_few(char* to, const char* from, std::size_t size) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    if (size > 4 * word) {
        std::memcpy(to, from, size);
    } else if (size >= word) {
        for (std::size_t at = 0; at + word < size; at += word) {
            std::memcpy(to + at, from + at, word);
        }
        std::memcpy(to + size - word, from + size - word, word);
    } else {
        for (std::size_t at = 0; at < size; at++) {
            to[at] = from[at];
        }
    }
}

} // namespace

void set_texts(LoggedRequest& request, const RequestTexts& texts) {
    std::size_t at = 0;
    const auto add = [&](std::size_t index, std::string_view text) {
        const std::size_t size = std::min({text.size(), longest[index], LoggedRequest::text_size - at});
        request.sizes[index] = static_cast<std::uint16_t>(size);
        copy_few(request.text.data() + at, text.data(), size);
        at += size;
    };
    add(0, texts.method);
    add(1, texts.request_id);
    add(2, texts.model);
    add(3, texts.path);
}

void pack(const LoggedRequest& request, std::string& out) {
    const auto& [method, request_id, model, path] = request.sizes;
    const std::size_t size = fixed_size + method + request_id + model + path;
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
