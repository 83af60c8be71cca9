// Alerts that wait to be sent to the operator; one worker among all nodes sends them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/step_flow.h"

namespace api_key::store {

struct StoredAlert {
    std::string id;                            // id of its entry in the stream
    std::map<std::string, std::string> fields; // type, account, key, at, window, threshold, used, limit, expires; accountName, keyName

    std::int64_t at_ms() const;      // unix
    const std::string& name() const; // stays the same however often it was put back
};

// done: the oldest alert, if there is one and this worker holds the lease for sending.
class TakeAlert : public StepFlow {
  public:
    static constexpr std::int64_t lease_ms = 10'000;

    TakeAlert(const Keyspace& keyspace, std::string worker) : keyspace_(keyspace), worker_(std::move(worker)) {}
    const std::optional<StoredAlert>& alert() const { return alert_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    bool read_alert(const redisReply* item);
    std::vector<Command> ask_names() const;
    std::vector<Command> take_names(std::span<const Reply> replies);

    const Keyspace& keyspace_;
    std::string worker_;
    std::optional<StoredAlert> alert_;
};

// Puts an alert that could not be sent behind the others.
class PutBackAlert : public StepFlow {
  public:
    PutBackAlert(const Keyspace& keyspace, std::string id, std::string name)
        : keyspace_(keyspace), id_(std::move(id)), name_(std::move(name)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string id_;
    std::string name_;
};

// Removes an alert that was sent or given up.
class DropAlert : public StepFlow {
  public:
    DropAlert(const Keyspace& keyspace, std::string id) : keyspace_(keyspace), id_(std::move(id)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string id_;
};

} // namespace api_key::store
