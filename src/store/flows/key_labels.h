// The labels of an account's keys, deleted ones included, for flows that know only the ids.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/logs/key_label.h"
#include "core/policy/record.h"
#include "store/command.h"
#include "store/keyspace.h"

namespace api_key::store {

class KeyLabels {
  public:
    static constexpr std::size_t at_once = 250; // in one turn of a worker's event loop

    KeyLabels(const Keyspace& keyspace, std::uint64_t account) : keyspace_(keyspace), account_(account) {}

    // The commands for labels not known yet, at most `at_once` of them; none: all are known.
    std::vector<Command> ask(std::span<const std::uint64_t> ids);
    bool read(std::span<const Reply> replies); // false: malformed

    // Null: there is no such key, and no label of a deleted one. Valid until the next `ask`.
    const KeyLabel* find(std::uint64_t id) const;

    // Adds the label that `find` has, if any.
    void name(std::uint64_t id, NamedKeys& named) const;

  private:
    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::map<std::uint64_t, std::optional<KeyLabel>> known_;
    std::vector<std::uint64_t> asked_;
};

// The label that is kept of a deleted key.
std::string deleted_label(const KeyRecord& key);

} // namespace api_key::store
