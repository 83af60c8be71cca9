// Who the keys of an account are, those that were deleted too: read by flows that know their ids alone.
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
    static constexpr std::size_t at_once = 250; // between two turns of a worker's event loop

    KeyLabels(const Keyspace& keyspace, std::uint64_t account) : keyspace_(keyspace), account_(account) {}

    // For those of the ids that are not known yet, at most `at_once`; none: all are known.
    std::vector<Command> ask(std::span<const std::uint64_t> ids);
    bool read(std::span<const Reply> replies); // false: they are something else

    // Null: neither is there such a key nor is it remembered that there was. Good until the next `ask`.
    const KeyLabel* find(std::uint64_t id) const;

  private:
    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::map<std::uint64_t, std::optional<KeyLabel>> known_;
    std::vector<std::uint64_t> asked_;
};

// What remains of a key that is deleted.
std::string deleted_label(const KeyRecord& key);

} // namespace api_key::store
