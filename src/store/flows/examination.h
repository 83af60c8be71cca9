// Checks whether the store is fit for use: printed by `apikeyctl doctor`, and logged by a node at its start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/flow.h"
#include "store/keyspace.h"

namespace api_key::store {

struct Finding {
    enum class State : std::uint8_t { ok, warn, fail };

    std::string check; // eviction, persistence, contents, replicas
    State state = State::ok;
    std::string detail;
};

// done whatever it finds. A check that the server does not permit is a warning.
class Examination : public Flow {
  public:
    explicit Examination(const Keyspace& keyspace) : keyspace_(keyspace) {}
    std::vector<Command> next(std::span<const Reply> replies) override;

    const std::vector<Finding>& findings() const { return findings_; }
    bool is_empty() const { return is_empty_; } // the whole database
    std::optional<std::int64_t> store_now_ms() const { return store_now_ms_; }

  private:
    void add(std::string_view check, Finding::State state, std::string detail);
    void check_eviction(std::string_view info);
    void check_persistence(std::string_view info, const redisReply* save);
    void check_contents(const redisReply* records, const redisReply* epoch_exists, const redisReply* size);
    void check_replicas(std::string_view info);

    const Keyspace& keyspace_;
    std::vector<Finding> findings_;
    bool is_empty_ = false;
    std::optional<std::int64_t> store_now_ms_;
};

} // namespace api_key::store
