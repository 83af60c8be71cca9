// A request on its way to the request log: fixed members, then its texts. The same bytes are in shared memory and, without the unused end,
// in the store.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/logs/request_log.h"
#include "core/policy/cidr.h"

namespace api_key {

struct LoggedRequest {
    static constexpr std::size_t text_size = 408;

    std::uint64_t account;
    std::uint64_t key_id;
    std::int64_t at_ms;         // unix, when it began
    std::int64_t cost;          // micro-credits; -1: none
    std::int64_t input_tokens;  // -1: not reported
    std::int64_t output_tokens; // -1: not reported
    std::int32_t first_byte_ms; // -1: there was none
    std::uint16_t status;
    std::uint8_t result; // Reason
    std::uint8_t unused;
    Address address;
    std::array<std::uint16_t, 4> sizes; // method, request id, model, path
    std::array<char, text_size> text;
};

static_assert(sizeof(LoggedRequest) == 488 && offsetof(LoggedRequest, status) == 52 && offsetof(LoggedRequest, result) == 54 &&
                  offsetof(LoggedRequest, address) == 56 && offsetof(LoggedRequest, sizes) == 72 && offsetof(LoggedRequest, text) == 80,
              "Redis has requests in these bytes for as long as api_key_log_keep says: what is new takes `unused`, or another field of the "
              "stream's entries (log_requests.lua)");

struct RequestTexts {
    std::string_view method;
    std::string_view request_id;
    std::string_view model;
    std::string_view path;
};

// Stores the texts behind the fixed members, cut where there is no more room.
void set_texts(LoggedRequest& request, const RequestTexts& texts);

// Appends the request without the unused end of `text`.
void pack(const LoggedRequest& request, std::string& out);

// Removes the first request from `packed` and returns it; nothing, and `packed` empty, if it does not begin with one.
std::optional<RequestLogEntry> unpack_request(std::string_view& packed);

} // namespace api_key
