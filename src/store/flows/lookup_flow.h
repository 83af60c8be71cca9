// Looks up which key a secret belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy/record.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

// The result of a look-up: the record, its account's state, and the store's clock.
struct Found {
    KeyRecord key;
    bool account_active = true;
    std::string account_plan;
    std::int64_t store_now_ms = 0;    // Redis TIME at the look-up
    std::int64_t secret_until_ms = 0; // the presented secret was replaced by a rotation and is good until then; 0: it is the current one
};

// Finds the key with one of these digests (one per pepper version). done: `found()`; not_found: no key has one; unavailable also when the
// epoch record is missing (an emptied store) or the record is malformed.
class LookupKey : public StepFlow {
  public:
    // `peppers` made the digests and must outlive the flow: a key is reported as unknown only if the store knows the same peppers.
    LookupKey(const Keyspace& keyspace, std::vector<Digest> digests, const Peppers* peppers = nullptr)
        : keyspace_(keyspace), digests_(std::move(digests)), peppers_(peppers) {}
    bool is_of_another_pepper() const { return is_of_another_pepper_; } // why it is unavailable
    Found& found() { return found_; }

  private:
    enum class Stage { start, index, epoch, record };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read_index(std::span<const Reply> replies);
    std::vector<Command> confirm_unknown() const;
    std::vector<Command> read_epoch(std::span<const Reply> replies);
    std::vector<Command> read_record_and_account(std::span<const Reply> replies);
    bool confirms(const Digest& digest);

    const Keyspace& keyspace_;
    std::vector<Digest> digests_;
    const Peppers* peppers_;
    bool is_of_another_pepper_ = false;
    Stage stage_ = Stage::start;
    std::size_t matched_ = 0; // index of the digest that matched
    std::uint64_t id_ = 0;
    std::uint64_t account_ = 0;
    Found found_;
};

} // namespace api_key::store
