// One question every quarter of a second: is this still the store we know, and how many changes has it seen?
#pragma once

#include <cstdint>

#include "store/flow.h"
#include "store/keyspace.h"

namespace api_key::store {

class HeartbeatFlow : public Flow {
  public:
    explicit HeartbeatFlow(const Keyspace& keyspace) : keyspace_(keyspace) {}
    std::vector<Command> next(std::span<const Reply> replies) override;

    // Once done: why the store cannot be used although it answers; null when it can.
    const char* problem() const { return problem_; }
    std::uint64_t sequence() const { return sequence_; }
    std::uint64_t epoch_tag() const { return epoch_tag_; } // differs for another epoch; never 0
    std::uint64_t blocks_version() const { return blocks_version_; }

  private:
    void read(const redisReply* reply);

    const Keyspace& keyspace_;
    const char* problem_ = nullptr;
    std::uint64_t sequence_ = 0;
    std::uint64_t epoch_tag_ = 0;
    std::uint64_t blocks_version_ = 0;
};

} // namespace api_key::store
