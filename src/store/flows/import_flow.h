// Creates many keys that were made elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy/record.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

enum class ImportState : std::uint8_t {
    created,
    present,     // a key with this secret is there already
    alias_taken, // by another key of the account
};

// `draft` has everything but id, version and creation time; it belongs to the account of the flow and has its type.
struct ImportedKey {
    KeyRecord draft;
    std::vector<Digest> digests; // of its secret under each version of the pepper, the one that signs first
    ImportState state = ImportState::created;
};

// Creates those that are not there yet, with one entry of the security log: all of these, or none. No two of them have the same digest or
// alias. At most `max_keys`, because the script blocks the server while it runs.
class ImportKeys : public StepFlow {
  public:
    static constexpr std::size_t max_keys = 256;

    // `source` is for the security log. With `only_look` nothing is changed: the states say what would be.
    ImportKeys(const Keyspace& keyspace, Author author, std::vector<ImportedKey> keys, std::string source, bool only_look)
        : keyspace_(keyspace), author_(std::move(author)), keys_(std::move(keys)), source_(std::move(source)), only_look_(only_look) {}
    std::vector<ImportedKey>& keys() { return keys_; }

  private:
    enum class Stage : std::uint8_t { look, number, create };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> look();
    std::vector<Command> take_states(std::span<const Reply> replies);
    std::vector<Command> create(std::uint64_t last_id);
    std::vector<Command> take_answer(const Reply& reply);
    AuditEvent event(std::uint64_t last_id) const;
    std::size_t count() const; // of those to be created

    const Keyspace& keyspace_;
    Author author_;
    std::vector<ImportedKey> keys_;
    std::string source_;
    bool only_look_;
    Stage stage_ = Stage::look;
    unsigned attempts_ = 0;
};

} // namespace api_key::store
