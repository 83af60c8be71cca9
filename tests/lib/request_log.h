// Requests in the log, for the tests of the store.
#pragma once

#include <string>
#include <vector>

#include "core/logs/logged_request.h"
#include "store/flows/request_flows.h"

#include "lib/own_redis.h"

namespace test {

// A GET of account 1 at 2027-01-15T08:00:00Z.
inline api_key::LoggedRequest logged_request(std::uint64_t key_id, std::uint16_t status, const std::string& id) {
    api_key::LoggedRequest request{};
    request.account = 1;
    request.key_id = key_id;
    request.at_ms = 1'800'000'000'000;
    request.cost = request.input_tokens = request.output_tokens = request.first_byte_ms = -1;
    request.status = status;
    request.address = *api_key::parse_address("203.0.113.7");
    set_texts(request, {"GET", id, "", "/v1/models"});
    return request;
}

// The first message of this sender.
inline void log_requests(OwnRedis& redis, const api_key::store::Keyspace& keyspace, const std::string& sender,
                         const std::vector<api_key::LoggedRequest>& requests, const api_key::store::LogKeep& keep = {}) {
    api_key::store::PackedRequests packed{requests.size(), {}};
    for (const api_key::LoggedRequest& one : requests) {
        pack(one, packed.packed);
    }
    api_key::store::LogRequests flow(keyspace, {sender, 1}, {{1, packed}}, keep);
    redis->run(flow);
    CHECK(flow.reason(), flow.outcome() == api_key::store::Outcome::done);
}

} // namespace test
