// The outcome of a request that may cost something; it decides what is charged.
#pragma once

#include <cstdint>

namespace api_key {

// In ascending order.
enum class RequestOutcome : std::uint8_t {
    failed, // no upstream was asked, or it failed
    empty,  // an answer without generated content: redirect, not modified, no content, or a copy of an earlier one
    served, // or sent to an upstream that may have processed it when the client left
};

RequestOutcome outcome_of_status(std::uint64_t status);

// One upstream that was asked.
struct AskedUpstream {
    std::uint64_t status = 0;  // from the status line of its answer, or set by nginx if it failed; 0: none
    bool has_answered = false; // its whole header has arrived
    bool was_sent = false;     // some of the request has left
};

// If the client left before the answer, an upstream that had the request and did not fail may have processed it.
RequestOutcome outcome_of(const AskedUpstream& upstream, bool client_left);

} // namespace api_key
