// The fingerprints of the peppers that a store's keys were made with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/secrets/pepper_check.h"
#include "store/step_flow.h"

namespace api_key::store {

// Checks that this is the pepper that the store's keys were made with. A store from before fingerprints were kept knows no version yet; for
// it the oldest and the newest entry of its first security log are read, and a pepper that verifies one of them is the right one and
// becomes known.
class CheckPeppers : public StepFlow {
  public:
    // The peppers outlive the flow.
    CheckPeppers(const Keyspace& keyspace, const Peppers& peppers) : keyspace_(keyspace), peppers_(peppers) {}
    const PepperVerdict& verdict() const { return verdict_; }
    const PepperFingerprints& known() const { return known_; }
    bool is_empty() const { return account_ == 0; } // nothing was made with any pepper

  private:
    enum class Stage : std::uint8_t { known, entries, published };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read_known(std::span<const Reply> replies);
    std::vector<Command> read_entries(std::span<const Reply> replies);

    const Keyspace& keyspace_;
    const Peppers& peppers_;
    Stage stage_ = Stage::known;
    std::uint64_t account_ = 0; // the first one
    PepperFingerprints known_;
    PepperVerdict verdict_;
};

// Stores the fingerprints of a pepper file's versions over those known before.
class SetPeppers : public StepFlow {
  public:
    SetPeppers(const Keyspace& keyspace, Author author) : keyspace_(keyspace), author_(std::move(author)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    bool is_set_ = false;
    bool is_noted_ = false;
};

} // namespace api_key::store
