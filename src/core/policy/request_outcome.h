// What came of a request that may cost something: it is charged for what it got.
#pragma once

#include <cstdint>

namespace api_key {

// In ascending order.
enum class RequestOutcome : std::uint8_t {
    failed, // nobody was asked, or who was asked failed
    empty,  // an answer in which nothing was made: elsewhere, unchanged, no content, or a copy of an earlier one
    served, // or given to an upstream that may have worked when the client left
};

RequestOutcome outcome_of_status(std::uint64_t status);

// One upstream that was asked.
struct AskedUpstream {
    std::uint64_t status = 0;  // of the first line of its answer, or by nginx for one that failed; 0: none
    bool has_answered = false; // the whole header has come
    bool was_sent = false;     // some of the request has left
};

// An upstream that had the request and did not fail may have worked for a client that did not wait for the answer.
RequestOutcome outcome_of(const AskedUpstream& upstream, bool client_left);

} // namespace api_key
