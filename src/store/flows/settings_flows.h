// What the nodes are configured with: told by them, read by the operator's tool.
#pragma once

#include <string>
#include <vector>

#include "core/policy/node_settings.h"
#include "store/step_flow.h"

namespace api_key::store {

// A node tells; what was told by nodes that are gone is forgotten.
class TellSettings : public StepFlow {
  public:
    TellSettings(const Keyspace& keyspace, std::string node, std::string settings)
        : keyspace_(keyspace), node_(std::move(node)), settings_(std::move(settings)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string node_;
    std::string settings_;
    bool is_told_ = false;
};

// Of the nodes that are there; where none is, of those that were there last.
class ReadSettings : public StepFlow {
  public:
    explicit ReadSettings(const Keyspace& keyspace) : keyspace_(keyspace) {}
    const std::vector<NodeSettings>& nodes() const { return nodes_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::vector<NodeSettings> nodes_;
};

} // namespace api_key::store
