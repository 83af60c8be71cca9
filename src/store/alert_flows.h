// Alerts on their way to the operator: one worker of all nodes sends them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/step_flow.h"

namespace api_key::store {

struct StoredAlert {
    std::string id;
    std::map<std::string, std::string> fields; // type, account, key, at, window, threshold, used, limit, expires
};

// done: `is_leader()` says whether this worker is the one; then `alerts()` are the oldest.
class TakeAlerts : public StepFlow {
  public:
    static constexpr std::int64_t lease_ms = 10'000;

    TakeAlerts(const Keyspace& keyspace, std::string worker, std::size_t most)
        : keyspace_(keyspace), worker_(std::move(worker)), most_(most) {}
    bool is_leader() const { return is_leader_; }
    const std::vector<StoredAlert>& alerts() const { return alerts_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string worker_;
    std::size_t most_;
    bool is_leader_ = false;
    std::vector<StoredAlert> alerts_;
};

// It was sent, or is given up.
class DropAlert : public StepFlow {
  public:
    DropAlert(const Keyspace& keyspace, std::string id) : keyspace_(keyspace), id_(std::move(id)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string id_;
};

} // namespace api_key::store
