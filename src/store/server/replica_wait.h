// Waits until one replica, where there are any, has the writes sent over this connection before, so that they survive a failover. A replica
// that hangs delays nothing while another one answers.
#pragma once

#include "store/flow.h"

namespace api_key::store {

class ReplicaWait final : public Flow {
  public:
    static constexpr unsigned max_ms = 500;

    std::vector<Command> next(std::span<const Reply> replies) override;
    unsigned blocks_for_ms() const override { return stage_ == Stage::waiting ? max_ms : 0; }

  private:
    enum class Stage : std::uint8_t { begin, counting, waiting };

    std::vector<Command> count(const redisReply* reply);

    Stage stage_ = Stage::begin;
};

} // namespace api_key::store
