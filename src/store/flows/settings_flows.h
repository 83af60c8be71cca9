// The nodes' settings: published by each node, read by the operator's tool.
#pragma once

#include <string>
#include <vector>

#include "core/policy/node_settings.h"
#include "store/step_flow.h"

namespace api_key::store {

// Publishes the settings of a node, and removes those of nodes that are gone.
class PublishSettings : public StepFlow {
  public:
    PublishSettings(const Keyspace& keyspace, std::string node, std::string settings)
        : keyspace_(keyspace), node_(std::move(node)), settings_(std::move(settings)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string node_;
    std::string settings_;
    bool is_published_ = false;
};

// Reads the settings of the live nodes; if there is none, of those seen last.
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
