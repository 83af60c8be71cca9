// The nodes that serve requests from a cache: which are alive, and which changes they have applied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/step_flow.h"

namespace api_key::store {

// Version of the store's layout.
inline constexpr std::string_view schema_version = "1";

struct Node {
    std::string name;
    std::int64_t trust_ms = 0; // how long it trusts its cache when it hears nothing from the store
};

// Sent every quarter of a second: checks that this is still the store we know, reads the number of its last change, and reports that the
// node is alive.
class Heartbeat : public StepFlow {
  public:
    // `applied`: the last change that the node has applied.
    Heartbeat(const Keyspace& keyspace, const Node& node, std::uint64_t applied) : keyspace_(keyspace), node_(&node), applied_(applied) {}
    explicit Heartbeat(const Keyspace& keyspace) : keyspace_(keyspace) {} // of no node: only reads

    // Once done: why the store cannot be used although it answers; null when it can.
    const char* problem() const { return problem_; }
    std::uint64_t sequence() const { return sequence_; }
    std::uint64_t epoch_tag() const { return epoch_tag_; } // differs for another epoch; never 0
    std::uint64_t blocks_version() const { return blocks_version_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    void read(const redisReply* reply);

    const Keyspace& keyspace_;
    const Node* node_ = nullptr;
    std::uint64_t applied_ = 0;
    const char* problem_ = nullptr;
    std::uint64_t sequence_ = 0;
    std::uint64_t epoch_tag_ = 0;
    std::uint64_t blocks_version_ = 0;
};

// Reports that the node has applied all changes up to this one.
class Acknowledge : public StepFlow {
  public:
    Acknowledge(const Keyspace& keyspace, std::string node, std::uint64_t applied)
        : keyspace_(keyspace), node_(std::move(node)), applied_(applied) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string node_;
    std::uint64_t applied_;
};

struct LateNode {
    std::string name;
    bool silent = false;       // no heartbeat lately; else it may still apply the change soon
    std::uint64_t applied = 0; // the last change that it has applied
};

// Lists the nodes but `asking` that have not applied this change.
class LateNodes : public StepFlow {
  public:
    static constexpr std::int64_t silent_after_ms = 1500; // a node sends a heartbeat every 250 ms

    LateNodes(const Keyspace& keyspace, std::uint64_t sequence, std::string asking)
        : keyspace_(keyspace), sequence_(sequence), asking_(std::move(asking)) {}
    const std::vector<LateNode>& nodes() const { return nodes_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::uint64_t sequence_;
    std::string asking_;
    std::vector<LateNode> nodes_;
};

struct ListedNode {
    std::string name;
    std::int64_t seen_ms = 0;  // the store's clock at its last heartbeat
    std::int64_t trust_ms = 0; // how long it trusts its cache without one
    std::uint64_t applied = 0; // the last change that it has applied
};

// All nodes that the store knows.
class ListNodes : public StepFlow {
  public:
    explicit ListNodes(const Keyspace& keyspace) : keyspace_(keyspace) {}
    const std::vector<ListedNode>& nodes() const { return nodes_; }
    std::uint64_t sequence() const { return sequence_; } // of the last change
    std::int64_t store_now_ms() const { return store_now_ms_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::vector<ListedNode> nodes_;
    std::uint64_t sequence_ = 0;
    std::int64_t store_now_ms_ = 0;
};

// Deregisters a node that stops, so that no change waits for it.
class ForgetNode : public StepFlow {
  public:
    ForgetNode(const Keyspace& keyspace, std::string node) : keyspace_(keyspace), node_(std::move(node)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::string node_;
};

} // namespace api_key::store
